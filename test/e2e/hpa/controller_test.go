// Package hpa runs Kubernetes' own autoscaling controller on stories told by the TypeScript side, and writes down what
// it made of them.
package hpa

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"testing"
	"testing/synctest"
	"time"

	autoscaling "k8s.io/api/autoscaling/v1"
	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	"k8s.io/client-go/informers"
	kubefake "k8s.io/client-go/kubernetes/fake"
	scalefake "k8s.io/client-go/scale/fake"
	clienttesting "k8s.io/client-go/testing"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/controller/podautoscaler"
)

const syncPeriod = 15 * time.Second

// Everything the controller logs is an error it was told on purpose. The handlers also wait between two errors, by a
// clock that is not the bubble's.
func TestMain(m *testing.M) {
	utilruntime.ErrorHandlers = nil
	klog.SetOutput(io.Discard)
	klog.LogToStderr(false)
	os.Exit(m.Run())
}

// TestStories reads one fleet a line from the file HPA_STORIES and writes its outcomes, one fleet a line, to
// HPA_OUTCOMES.
func TestStories(t *testing.T) {
	input, err := os.Open(os.Getenv("HPA_STORIES"))
	if err != nil {
		t.Fatal(err)
	}
	defer input.Close()
	output, err := os.Create(os.Getenv("HPA_OUTCOMES"))
	if err != nil {
		t.Fatal(err)
	}
	defer output.Close()
	lines := bufio.NewReader(input)
	for {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		var told fleet
		if err := json.Unmarshal(line, &told); err != nil {
			t.Fatal(err)
		}
		synctest.Test(t, func(t *testing.T) {
			if err := json.NewEncoder(output).Encode(play(t, told)); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// play lets one controller look after all stories of a fleet, each in a namespace of its own, at the real period in
// the bubble's time.
func play(t *testing.T, told fleet) [][]outcome {
	ctx, cancel := context.WithCancel(t.Context())
	cluster := newCluster(told)
	objects := make([]runtime.Object, 0, len(told.Stories))
	for index, story := range told.Stories {
		objects = append(objects, autoscalerOf(index, story))
	}
	client := kubefake.NewSimpleClientset(objects...)
	scales := &scalefake.FakeScaleClient{}
	scales.AddReactor("get", "deployments", func(action clienttesting.Action) (bool, runtime.Object, error) {
		return true, cluster.scaleOf(action.GetNamespace()), nil
	})
	scales.AddReactor("update", "deployments", func(action clienttesting.Action) (bool, runtime.Object, error) {
		scale := action.(clienttesting.UpdateAction).GetObject().(*autoscaling.Scale)
		cluster.rescaled(action.GetNamespace(), scale.Spec.Replicas)
		return true, scale, nil
	})
	factory := informers.NewSharedInformerFactory(client, 0)
	controller := podautoscaler.NewHorizontalController(
		ctx,
		client.CoreV1(),
		scales,
		client.AutoscalingV2(),
		deploymentMapper(),
		cluster,
		factory.Autoscaling().V2().HorizontalPodAutoscalers(),
		podsOf{PodInformer: factory.Core().V1().Pods(), cluster: cluster},
		syncPeriod,
		time.Duration(told.DownscaleStabilizationMs)*time.Millisecond,
		told.Tolerance,
		5*time.Minute,
		30*time.Second,
	)
	factory.Start(ctx.Done())
	go controller.Run(ctx, 1)
	for sync := range told.Stories[0].Syncs {
		cluster.begin(sync)
		// The controller looks halfway through.
		time.Sleep(syncPeriod)
		if sync == 0 {
			time.Sleep(syncPeriod / 2)
		}
	}
	cancel()
	factory.Shutdown()
	if err := cluster.complete(); err != nil {
		t.Fatal(err)
	}
	return cluster.outcomes
}

// complete says which story was not looked at exactly once in each period.
func (c *cluster) complete() error {
	for index, outcomes := range c.outcomes {
		for sync, one := range outcomes {
			if one.Looks != 1 {
				return fmt.Errorf("story %d was looked at %d times in sync %d", index, one.Looks, sync)
			}
		}
	}
	return nil
}
