// Package client asks the scaler with KEDA's own client, outside any cluster.
package client

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kedacore/keda/v2/pkg/scalers"
	"github.com/kedacore/keda/v2/pkg/scalers/scalersconfig"
)

const deadline = 20 * time.Second

// page is a model server's metrics page: requests running and waiting, and how much of its cache is taken.
type page struct {
	running, waiting, cachePercent atomic.Int64
	server                         *httptest.Server
}

func servePage(t *testing.T) *page {
	t.Helper()
	p := &page{}
	p.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		labels := `{engine="0",model_name="m"}`
		fmt.Fprintf(w, "# TYPE vllm:num_requests_running gauge\nvllm:num_requests_running%s %d\n", labels, p.running.Load())
		fmt.Fprintf(w, "# TYPE vllm:num_requests_waiting gauge\nvllm:num_requests_waiting%s %d\n", labels, p.waiting.Load())
		fmt.Fprintf(w, "# TYPE vllm:kv_cache_usage_perc gauge\nvllm:kv_cache_usage_perc%s 0.%02d\n", labels, p.cachePercent.Load())
	}))
	t.Cleanup(p.server.Close)
	return p
}

// startScaler runs the scaler without a cluster and returns its address.
func startScaler(t *testing.T, flags ...string) string {
	t.Helper()
	address, admin := freeAddress(t), freeAddress(t)
	all := append([]string{os.Getenv("E2E_MAIN"), "serve", "--kubernetes=off",
		"--endpoint-allow-cidrs=127.0.0.0/8", "--grpc-address=" + address, "--admin-address=" + admin}, flags...)
	scaler := exec.Command(os.Getenv("E2E_NODE"), all...)
	scaler.Stdout, scaler.Stderr = os.Stdout, os.Stderr
	if err := scaler.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = scaler.Process.Kill()
		_ = scaler.Wait()
	})
	eventually(t, "the scaler is ready", func() (bool, string) {
		answer, err := http.Get("http://" + admin + "/readyz")
		if err != nil {
			return false, err.Error()
		}
		defer answer.Body.Close()
		return answer.StatusCode == http.StatusOK, answer.Status
	})
	return address
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

func eventually(t *testing.T, what string, ask func() (bool, string)) {
	t.Helper()
	seen := ""
	for end := time.Now().Add(deadline); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		var isSo bool
		if isSo, seen = ask(); isSo {
			return
		}
	}
	t.Fatalf("not within %s: %s; last seen: %s", deadline, what, seen)
}

func trigger(address string, metadata map[string]string) *scalersconfig.ScalerConfig {
	metadata["scalerAddress"] = address
	return &scalersconfig.ScalerConfig{
		ScalableObjectName:      "llama",
		ScalableObjectNamespace: "models",
		ScalableObjectType:      "ScaledObject",
		TriggerType:             "external-push",
		TriggerMetadata:         metadata,
		TriggerIndex:            0,
	}
}

func shortSpans(p *page, more ...string) map[string]string {
	metadata := map[string]string{
		"targetValue": "8", "endpoints": p.server.URL + "/metrics",
		"window": "2s", "burstWindow": "1s", "idleAfter": "1s", "staleAfter": "2s",
	}
	for index := 0; index+1 < len(more); index += 2 {
		metadata[more[index]] = more[index+1]
	}
	return metadata
}

// ask does what KEDA's scale loop does: the specification, then the value and activity of its one metric.
func ask(t *testing.T, scaler scalers.Scaler) (milli int64, active bool, err error) {
	t.Helper()
	specs := scaler.GetMetricSpecForScaling(context.Background())
	if len(specs) != 1 {
		t.Fatalf("%d metric specifications", len(specs))
	}
	values, active, err := scaler.GetMetricsAndActivity(context.Background(), specs[0].External.Metric.Name)
	if err != nil {
		return 0, false, err
	}
	if len(values) != 1 {
		t.Fatalf("%d values", len(values))
	}
	return values[0].Value.MilliValue(), active, nil
}

func TestValueAndActivityFollowTheLoad(t *testing.T) {
	p := servePage(t)
	scaler, err := scalers.NewExternalScaler(trigger(startScaler(t), shortSpans(p)))
	if err != nil {
		t.Fatal(err)
	}
	defer scaler.Close(context.Background())
	specs := scaler.GetMetricSpecForScaling(context.Background())
	if len(specs) != 1 || specs[0].External.Target.AverageValue.MilliValue() != 8000 {
		t.Fatalf("expected one metric with an average of 8, got %v", specs)
	}
	for _, load := range []struct{ running, waiting int64 }{{9, 3}, {0, 0}, {16, 25}} {
		p.running.Store(load.running)
		p.waiting.Store(load.waiting)
		want := 1000 * (load.running + load.waiting)
		eventually(t, fmt.Sprintf("the value is %d", want), func() (bool, string) {
			milli, active, err := ask(t, scaler)
			return err == nil && milli == want && active == (want > 0), fmt.Sprint(milli, active, err)
		})
	}
}

func TestWhatCannotBeReadIsAnErrorAndNeverZero(t *testing.T) {
	p := servePage(t)
	p.running.Store(5)
	scaler, err := scalers.NewExternalScaler(trigger(startScaler(t), shortSpans(p)))
	if err != nil {
		t.Fatal(err)
	}
	defer scaler.Close(context.Background())
	eventually(t, "the value is 5", func() (bool, string) {
		milli, _, err := ask(t, scaler)
		return milli == 5000, fmt.Sprint(milli, err)
	})
	p.server.Close()
	eventually(t, "there is no value", func() (bool, string) {
		milli, active, err := ask(t, scaler)
		if err == nil && (milli == 0 || !active) {
			t.Fatalf("it said %d, active %t", milli, active)
		}
		return err != nil, fmt.Sprint(milli, active)
	})
}

func TestDemandIsPushed(t *testing.T) {
	p := servePage(t)
	scaler, err := scalers.NewExternalPushScaler(trigger(startScaler(t), shortSpans(p)))
	if err != nil {
		t.Fatal(err)
	}
	defer scaler.Close(context.Background())
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	pushed := make(chan bool)
	go scaler.Run(ctx, pushed)
	eventually(t, "the workload is seen to be idle", func() (bool, string) {
		milli, active, err := ask(t, scaler)
		return err == nil && milli == 0 && !active, fmt.Sprint(milli, active, err)
	})
	select {
	case active := <-pushed:
		t.Fatalf("%t was pushed while idle", active)
	case <-time.After(time.Second):
	}
	p.running.Store(1)
	select {
	case active := <-pushed:
		if !active {
			t.Fatal("false was pushed")
		}
	case <-time.After(deadline):
		t.Fatal("nothing was pushed")
	}
	select {
	case specs := <-scaler.(scalers.MetricSpecStreamer).MetricSpecChan():
		if len(specs) != 1 {
			t.Fatalf("%d metric specifications on the stream", len(specs))
		}
	case <-time.After(deadline):
		t.Fatal("no metric specification on the stream")
	}
}

func TestWrongMetadataGivesNoSpecification(t *testing.T) {
	p := servePage(t)
	scaler, err := scalers.NewExternalScaler(trigger(startScaler(t), shortSpans(p, "targetvalue", "8")))
	if err != nil {
		t.Fatal(err)
	}
	defer scaler.Close(context.Background())
	if specs := scaler.GetMetricSpecForScaling(context.Background()); len(specs) != 0 {
		t.Fatalf("expected none, got %v", specs)
	}
}
