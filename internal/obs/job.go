package obs

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// jobMetrics are the figures of jobs; Metrics is an observer of their runner.
type jobMetrics struct {
	runs    *prometheus.CounterVec
	seconds *prometheus.HistogramVec
	running *prometheus.GaugeVec
	wait    prometheus.Gauge
}

func newJobMetrics(r *prometheus.Registry) jobMetrics {
	m := jobMetrics{
		runs: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "guanxi_job_runs_total", Help: "Runs of jobs by kind and how they ended.",
		}, []string{"kind", "outcome"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "guanxi_job_seconds", Help: "How long runs of jobs took by kind.",
			Buckets: []float64{.001, .01, .1, 1, 10, 60, 600, 3600},
		}, []string{"kind"}),
		running: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "guanxi_jobs_running", Help: "Jobs that this process runs, by kind.",
		}, []string{"kind"}),
		wait: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "guanxi_jobs_wait_seconds", Help: "How long the job that is due for the longest time has been waiting.",
		}),
	}
	r.MustRegister(m.runs, m.seconds, m.running, m.wait)
	return m
}

// JobStarted counts a run that begins.
func (m *Metrics) JobStarted(kind string) { m.jobs.running.WithLabelValues(kind).Inc() }

// JobEnded counts a run that has ended.
func (m *Metrics) JobEnded(kind, outcome string, took time.Duration) {
	m.jobs.running.WithLabelValues(kind).Dec()
	m.jobs.runs.WithLabelValues(kind, outcome).Inc()
	m.jobs.seconds.WithLabelValues(kind).Observe(took.Seconds())
}

// JobsWait notes how long the oldest due job has been waiting.
func (m *Metrics) JobsWait(d time.Duration) { m.jobs.wait.Set(d.Seconds()) }
