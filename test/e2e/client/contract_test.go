package client

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/kedacore/keda/v2/pkg/scalers"
	"github.com/kedacore/keda/v2/pkg/scalers/externalscaler"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
)

const service = "/externalscaler.ExternalScaler/"

func connect(t *testing.T, address string) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func callContext(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	t.Cleanup(cancel)
	return ctx
}

// cacheTrigger is about a ratio, which is never a whole number.
func cacheTrigger(p *page) map[string]string {
	return shortSpans(p, "metric", "kvCache", "targetValue", "0.85")
}

func TestFractionsAreSentExactlyAndRoundedUp(t *testing.T) {
	p := servePage(t)
	p.running.Store(3)
	p.cachePercent.Store(42)
	address := startScaler(t)
	client := externalscaler.NewExternalScalerClient(connect(t, address))
	ref := &externalscaler.ScaledObjectRef{Name: "llama", Namespace: "models", ScalerMetadata: cacheTrigger(p)}
	specs, err := client.GetMetricSpec(callContext(t), ref)
	if err != nil || len(specs.MetricSpecs) != 1 {
		t.Fatal(specs, err)
	}
	spec := specs.MetricSpecs[0]
	if spec.TargetSizeFloat != 0.85 || spec.TargetSize != 1 {
		t.Fatalf("expected 0.85 and 1, got %v", spec)
	}
	eventually(t, "the value is 0.42 and 1", func() (bool, string) {
		request := &externalscaler.GetMetricsRequest{ScaledObjectRef: ref, MetricName: spec.MetricName}
		answer, err := client.GetMetrics(callContext(t), request)
		if err != nil || len(answer.MetricValues) != 1 {
			return false, fmt.Sprint(answer, err)
		}
		value := answer.MetricValues[0]
		return value.MetricValueFloat == 0.42 && value.MetricValue == 1, value.String()
	})
	scaler, err := scalers.NewExternalScaler(trigger(address, cacheTrigger(p)))
	if err != nil {
		t.Fatal(err)
	}
	defer scaler.Close(context.Background())
	eventually(t, "KEDA reads 0.42", func() (bool, string) {
		milli, active, err := ask(t, scaler)
		return err == nil && milli == 420 && active, fmt.Sprint(milli, active, err)
	})
}

// oldContract is what KEDA spoke before 2.17: whole numbers alone, and no stream of specifications.
type oldContract struct {
	conn  *grpc.ClientConn
	types protoreflect.MessageDescriptors
}

func newOldContract(t *testing.T, conn *grpc.ClientConn) *oldContract {
	t.Helper()
	file, err := protodesc.NewFile(oldFile(), &protoregistry.Files{})
	if err != nil {
		t.Fatal(err)
	}
	return &oldContract{conn, file.Messages()}
}

func oldFile() *descriptorpb.FileDescriptorProto {
	const (
		text   = descriptorpb.FieldDescriptorProto_TYPE_STRING
		whole  = descriptorpb.FieldDescriptorProto_TYPE_INT64
		truth  = descriptorpb.FieldDescriptorProto_TYPE_BOOL
		object = descriptorpb.FieldDescriptorProto_TYPE_MESSAGE
	)
	entry := message("ScalerMetadataEntry", one("key", 1, text), one("value", 2, text))
	entry.Options = &descriptorpb.MessageOptions{MapEntry: proto.Bool(true)}
	ref := message("ScaledObjectRef", one("name", 1, text), one("namespace", 2, text),
		many("scalerMetadata", 3, ".externalscaler.ScaledObjectRef.ScalerMetadataEntry"))
	ref.NestedType = []*descriptorpb.DescriptorProto{entry}
	asked := one("scaledObjectRef", 1, object)
	asked.TypeName = proto.String(".externalscaler.ScaledObjectRef")
	return &descriptorpb.FileDescriptorProto{
		Name: proto.String("old.proto"), Package: proto.String("externalscaler"), Syntax: proto.String("proto3"),
		MessageType: []*descriptorpb.DescriptorProto{
			ref,
			message("IsActiveResponse", one("result", 1, truth)),
			message("GetMetricSpecResponse", many("metricSpecs", 1, ".externalscaler.MetricSpec")),
			message("MetricSpec", one("metricName", 1, text), one("targetSize", 2, whole)),
			message("GetMetricsRequest", asked, one("metricName", 2, text)),
			message("GetMetricsResponse", many("metricValues", 1, ".externalscaler.MetricValue")),
			message("MetricValue", one("metricName", 1, text), one("metricValue", 2, whole)),
		},
	}
}

func message(name string, fields ...*descriptorpb.FieldDescriptorProto) *descriptorpb.DescriptorProto {
	return &descriptorpb.DescriptorProto{Name: proto.String(name), Field: fields}
}

func one(name string, number int32, kind descriptorpb.FieldDescriptorProto_Type) *descriptorpb.FieldDescriptorProto {
	label := descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL
	return &descriptorpb.FieldDescriptorProto{
		Name: proto.String(name), Number: proto.Int32(number), Type: kind.Enum(), Label: label.Enum()}
}

func many(name string, number int32, of string) *descriptorpb.FieldDescriptorProto {
	field := one(name, number, descriptorpb.FieldDescriptorProto_TYPE_MESSAGE)
	field.Label = descriptorpb.FieldDescriptorProto_LABEL_REPEATED.Enum()
	field.TypeName = proto.String(of)
	return field
}

func (o *oldContract) make(name protoreflect.Name) *dynamicpb.Message {
	return dynamicpb.NewMessage(o.types.ByName(name))
}

func (o *oldContract) ref(metadata map[string]string) *dynamicpb.Message {
	ref := o.make("ScaledObjectRef")
	set(ref, "name", protoreflect.ValueOfString("old"))
	set(ref, "namespace", protoreflect.ValueOfString("models"))
	entries := ref.Mutable(field(ref, "scalerMetadata")).Map()
	for key, value := range metadata {
		entries.Set(protoreflect.ValueOfString(key).MapKey(), protoreflect.ValueOfString(value))
	}
	return ref
}

func field(m protoreflect.Message, name protoreflect.Name) protoreflect.FieldDescriptor {
	return m.Descriptor().Fields().ByName(name)
}

func set(m protoreflect.Message, name protoreflect.Name, value protoreflect.Value) {
	m.Set(field(m, name), value)
}

// first is the only message of a list.
func first(t *testing.T, m protoreflect.Message, list protoreflect.Name) protoreflect.Message {
	t.Helper()
	items := m.Get(field(m, list)).List()
	if items.Len() != 1 {
		t.Fatalf("%d %s", items.Len(), list)
	}
	return items.Get(0).Message()
}

// spec is the name and the target of the one metric.
func (o *oldContract) spec(t *testing.T, metadata map[string]string) (name string, target int64) {
	t.Helper()
	answer := o.make("GetMetricSpecResponse")
	if err := o.conn.Invoke(callContext(t), service+"GetMetricSpec", o.ref(metadata), answer); err != nil {
		t.Fatal(err)
	}
	spec := first(t, answer, "metricSpecs")
	return spec.Get(field(spec, "metricName")).String(), spec.Get(field(spec, "targetSize")).Int()
}

func (o *oldContract) value(t *testing.T, metadata map[string]string, name string) (int64, bool, error) {
	t.Helper()
	request, answer := o.make("GetMetricsRequest"), o.make("GetMetricsResponse")
	set(request, "scaledObjectRef", protoreflect.ValueOfMessage(o.ref(metadata)))
	set(request, "metricName", protoreflect.ValueOfString(name))
	if err := o.conn.Invoke(callContext(t), service+"GetMetrics", request, answer); err != nil {
		return 0, false, err
	}
	activity := o.make("IsActiveResponse")
	if err := o.conn.Invoke(callContext(t), service+"IsActive", o.ref(metadata), activity); err != nil {
		return 0, false, err
	}
	value := first(t, answer, "metricValues")
	return value.Get(field(value, "metricValue")).Int(), activity.Get(field(activity, "result")).Bool(), nil
}

func TestAKedaThatKnowsWholeNumbersAloneNeverReadsLoadAsNone(t *testing.T) {
	p := servePage(t)
	old := newOldContract(t, connect(t, startScaler(t)))
	requests := shortSpans(p, "targetValue", "7.5")
	name, target := old.spec(t, requests)
	if target != 8 {
		t.Fatalf("a target of 7.5 came as %d", target)
	}
	for _, load := range []struct{ running, waiting int64 }{{9, 3}, {0, 0}, {1, 0}} {
		p.running.Store(load.running)
		p.waiting.Store(load.waiting)
		want := load.running + load.waiting
		eventually(t, fmt.Sprintf("the value is %d", want), func() (bool, string) {
			value, active, err := old.value(t, requests, name)
			return err == nil && value == want && active == (want > 0), fmt.Sprint(value, active, err)
		})
	}
	p.cachePercent.Store(42)
	name, target = old.spec(t, cacheTrigger(p))
	if target != 1 {
		t.Fatalf("a target of 0.85 came as %d", target)
	}
	eventually(t, "a ratio of 0.42 comes as 1", func() (bool, string) {
		value, active, err := old.value(t, cacheTrigger(p), name)
		return err == nil && value == 1 && active, fmt.Sprint(value, active, err)
	})
	_, _, err := old.value(t, map[string]string{"targetvalue": "8"}, name)
	if status.Code(err) != codes.InvalidArgument {
		t.Fatalf("wrong metadata was answered with %v", err)
	}
}

func TestAnOldKedaIsPushedDemand(t *testing.T) {
	p := servePage(t)
	old := newOldContract(t, connect(t, startScaler(t)))
	ctx, cancel := context.WithCancel(callContext(t))
	defer cancel()
	stream, err := old.conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, service+"StreamIsActive")
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.SendMsg(old.ref(shortSpans(p))); err != nil {
		t.Fatal(err)
	}
	if err := stream.CloseSend(); err != nil {
		t.Fatal(err)
	}
	raised := time.AfterFunc(2*time.Second, func() { p.running.Store(1) })
	defer raised.Stop()
	started := time.Now()
	pushed := old.make("IsActiveResponse")
	if err := stream.RecvMsg(pushed); err != nil {
		t.Fatal(err)
	}
	if !pushed.Get(field(pushed, "result")).Bool() {
		t.Fatal("false was pushed")
	}
	if time.Since(started) < time.Second {
		t.Fatal("it was pushed before there was demand")
	}
}
