// Asks Knative's own autoscaler for the number of pods at each moment of a series, and prints its answers.
package main

import (
	"encoding/json"
	"os"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric/noop"
	"go.uber.org/zap"
	"k8s.io/apimachinery/pkg/types"
	"knative.dev/serving/pkg/autoscaler/scaling"
)

type settings struct {
	Target, PanicThreshold, MaxScaleUpRate, MaxScaleDownRate float64
	StableWindowMs                                          int64
}

type moment struct {
	NowMs                   int64
	ReadyPods               int
	StableValue, PanicValue float64
}

type series struct {
	Settings settings
	Moments  []moment
}

type now struct{ at moment }

func (n *now) ReadyCount() (int, error)    { return n.at.ReadyPods, nil }
func (n *now) NotReadyCount() (int, error) { return 0, nil }
func (n *now) StableAndPanicConcurrency(types.NamespacedName, time.Time) (float64, float64, error) {
	return n.at.StableValue, n.at.PanicValue, nil
}
func (n *now) StableAndPanicRPS(key types.NamespacedName, at time.Time) (float64, float64, error) {
	return n.StableAndPanicConcurrency(key, at)
}

func answersOf(one series) []int32 {
	world := &now{at: one.Moments[0]}
	started := time.Now()
	s := one.Settings
	scaler := scaling.New(attribute.NewSet(), noop.NewMeterProvider(), "models", "llama", world, world, &scaling.DeciderSpec{
		MaxScaleUpRate: s.MaxScaleUpRate, MaxScaleDownRate: s.MaxScaleDownRate, ScalingMetric: "concurrency",
		TargetValue: s.Target, TotalValue: s.Target, PanicThreshold: s.PanicThreshold,
		StableWindow: time.Duration(s.StableWindowMs) * time.Millisecond, Reachable: true,
	})
	answers := make([]int32, 0, len(one.Moments))
	for _, at := range one.Moments {
		world.at = at
		result := scaler.Scale(zap.NewNop().Sugar(), started.Add(time.Duration(at.NowMs)*time.Millisecond))
		answers = append(answers, result.DesiredPodCount)
	}
	return answers
}

func main() {
	var all []series
	if err := json.NewDecoder(os.Stdin).Decode(&all); err != nil {
		panic(err)
	}
	answers := make([][]int32, 0, len(all))
	for _, one := range all {
		answers = append(answers, answersOf(one))
	}
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		panic(err)
	}
}
