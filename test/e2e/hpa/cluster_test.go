package hpa

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	autoscaling "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	v1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	coreinformers "k8s.io/client-go/informers/core/v1"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"
	defaults "k8s.io/kubernetes/pkg/apis/autoscaling/v2"
	"k8s.io/kubernetes/pkg/controller/podautoscaler/metrics"
)

// A fleet is the workloads of one controller, with the controller's flags.
type fleet struct {
	Tolerance                float64 `json:"tolerance"`
	DownscaleStabilizationMs int64   `json:"downscaleStabilizationMs"`
	Stories                  []story `json:"stories"`
}

// A story is one workload's HPA and what the controller finds at each sync. All stories of a fleet are equally long.
type story struct {
	MinReplicas int32                                          `json:"minReplicas"`
	MaxReplicas int32                                          `json:"maxReplicas"`
	Behavior    *autoscalingv2.HorizontalPodAutoscalerBehavior `json:"behavior"`
	Metrics     []metric                                       `json:"metrics"`
	Syncs       []moment                                       `json:"syncs"`
}

type metric struct {
	Kind        string `json:"kind"`
	TargetMilli int64  `json:"targetMilli"`
}

type moment struct {
	// SpecReplicas, where somebody else than the HPA has set them.
	SpecReplicas *int32 `json:"specReplicas"`
	// Surge is status.replicas less spec.replicas; the result is cut at 0.
	Surge int32 `json:"surge"`
	// Pods under the selector, and how many of them are ready.
	Pods  int `json:"pods"`
	Ready int `json:"ready"`
	// TotalsMilli in the metrics' order; nil for one that can't be read.
	TotalsMilli []*int64 `json:"totalsMilli"`
}

// An outcome is what the controller left behind at one sync.
type outcome struct {
	AtMs float64 `json:"atMs"`
	// SpecReplicas that it found, and that it left.
	Found    int32 `json:"found"`
	Replicas int32 `json:"replicas"`
	Looks    int   `json:"looks"`
}

// cluster is everything the controller sees: scales, pods and metrics of all stories at their present sync.
type cluster struct {
	told     fleet
	sync     int
	replicas []int32
	outcomes [][]outcome
	started  time.Time
}

func newCluster(told fleet) *cluster {
	outcomes := make([][]outcome, len(told.Stories))
	for index, story := range told.Stories {
		outcomes[index] = make([]outcome, len(story.Syncs))
	}
	replicas := make([]int32, len(told.Stories))
	return &cluster{told: told, replicas: replicas, outcomes: outcomes, started: time.Now()}
}

func (c *cluster) begin(sync int) {
	c.sync = sync
	for index, story := range c.told.Stories {
		if set := story.Syncs[sync].SpecReplicas; set != nil {
			c.replicas[index] = *set
		}
	}
}

func namespaceOf(index int) string { return fmt.Sprintf("story-%d", index) }

func indexOf(namespace string) int {
	index, err := strconv.Atoi(strings.TrimPrefix(namespace, "story-"))
	if err != nil {
		panic(err)
	}
	return index
}

func (c *cluster) momentOf(index int) moment { return c.told.Stories[index].Syncs[c.sync] }

func (c *cluster) scaleOf(namespace string) *autoscaling.Scale {
	index := indexOf(namespace)
	spec := c.replicas[index]
	seen := &c.outcomes[index][c.sync]
	*seen = outcome{
		AtMs:     float64(time.Since(c.started).Microseconds()) / 1000,
		Found:    spec,
		Replicas: spec,
		Looks:    seen.Looks + 1,
	}
	return &autoscaling.Scale{
		ObjectMeta: metav1.ObjectMeta{Name: "llama", Namespace: namespace},
		Spec:       autoscaling.ScaleSpec{Replicas: spec},
		Status:     autoscaling.ScaleStatus{Replicas: max(0, spec+c.momentOf(index).Surge), Selector: "app=llama"},
	}
}

func (c *cluster) rescaled(namespace string, replicas int32) {
	index := indexOf(namespace)
	c.replicas[index] = replicas
	c.outcomes[index][c.sync].Replicas = replicas
}

// GetExternalMetric is the one kind of metric that KEDA's HPAs have for a scaler like this one.
func (c *cluster) GetExternalMetric(name, namespace string, _ labels.Selector) ([]int64, time.Time, error) {
	index, err := strconv.Atoi(strings.TrimPrefix(name, "s"))
	if err != nil {
		return nil, time.Time{}, err
	}
	total := c.momentOf(indexOf(namespace)).TotalsMilli[index]
	if total == nil {
		return nil, time.Time{}, errors.New("the scaler holds")
	}
	return []int64{*total}, time.Now(), nil
}

var errNotAsked = errors.New("not asked for in any story")

func (c *cluster) GetResourceMetric(context.Context, v1.ResourceName, string, labels.Selector, string) (metrics.PodMetricsInfo, time.Time, error) {
	return nil, time.Time{}, errNotAsked
}

func (c *cluster) GetRawMetric(string, string, labels.Selector, labels.Selector) (metrics.PodMetricsInfo, time.Time, error) {
	return nil, time.Time{}, errNotAsked
}

func (c *cluster) GetObjectMetric(string, string, *autoscalingv2.CrossVersionObjectReference, labels.Selector) (int64, time.Time, error) {
	return 0, time.Time{}, errNotAsked
}

// podsOf lists the pods of the present sync; its informer is only asked whether it has synced.
type podsOf struct {
	coreinformers.PodInformer
	cluster *cluster
}

func (p podsOf) Lister() corelisters.PodLister { return lister{cluster: p.cluster} }

type lister struct {
	corelisters.PodLister
	cluster *cluster
}

func (l lister) Pods(namespace string) corelisters.PodNamespaceLister {
	now := l.cluster.momentOf(indexOf(namespace))
	indexer := cache.NewIndexer(cache.MetaNamespaceKeyFunc, cache.Indexers{})
	for number := range now.Pods {
		ready := v1.ConditionFalse
		if number < now.Ready {
			ready = v1.ConditionTrue
		}
		pod := &v1.Pod{
			ObjectMeta: metav1.ObjectMeta{
				Name:      fmt.Sprintf("llama-%d", number),
				Namespace: namespace,
				Labels:    map[string]string{"app": "llama"},
			},
			Status: v1.PodStatus{
				Phase:      v1.PodRunning,
				Conditions: []v1.PodCondition{{Type: v1.PodReady, Status: ready}},
			},
		}
		if err := indexer.Add(pod); err != nil {
			panic(err)
		}
	}
	return corelisters.NewPodLister(indexer).Pods(namespace)
}

// autoscalerOf is the HPA as the API server would keep it, defaults filled in.
func autoscalerOf(index int, told story) *autoscalingv2.HorizontalPodAutoscaler {
	specs := make([]autoscalingv2.MetricSpec, len(told.Metrics))
	for number, metric := range told.Metrics {
		target := autoscalingv2.MetricTarget{Type: autoscalingv2.AverageValueMetricType}
		quantity := resource.NewMilliQuantity(metric.TargetMilli, resource.DecimalSI)
		if metric.Kind == "value" {
			target = autoscalingv2.MetricTarget{Type: autoscalingv2.ValueMetricType, Value: quantity}
		} else {
			target.AverageValue = quantity
		}
		specs[number] = autoscalingv2.MetricSpec{
			Type: autoscalingv2.ExternalMetricSourceType,
			External: &autoscalingv2.ExternalMetricSource{
				Metric: autoscalingv2.MetricIdentifier{Name: fmt.Sprintf("s%d", number)},
				Target: target,
			},
		}
	}
	autoscaler := &autoscalingv2.HorizontalPodAutoscaler{
		ObjectMeta: metav1.ObjectMeta{Name: "llama", Namespace: namespaceOf(index)},
		Spec: autoscalingv2.HorizontalPodAutoscalerSpec{
			ScaleTargetRef: autoscalingv2.CrossVersionObjectReference{
				APIVersion: "apps/v1",
				Kind:       "Deployment",
				Name:       "llama",
			},
			MinReplicas: &told.MinReplicas,
			MaxReplicas: told.MaxReplicas,
			Metrics:     specs,
			Behavior:    told.Behavior.DeepCopy(),
		},
	}
	defaults.SetDefaults_HorizontalPodAutoscaler(autoscaler)
	defaults.SetDefaults_HorizontalPodAutoscalerBehavior(autoscaler)
	return autoscaler
}

func deploymentMapper() apimeta.RESTMapper {
	group := schema.GroupVersion{Group: "apps", Version: "v1"}
	mapper := apimeta.NewDefaultRESTMapper([]schema.GroupVersion{group})
	mapper.Add(group.WithKind("Deployment"), apimeta.RESTScopeNamespace)
	return mapper
}
