package obs

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestJobMetrics(t *testing.T) {
	m := NewMetrics("test")
	m.JobStarted("a")
	m.JobStarted("a")
	m.JobEnded("a", "done", 2*time.Second)
	m.JobsWait(1500 * time.Millisecond)
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	for _, line := range []string{
		`guanxi_job_runs_total{kind="a",outcome="done"} 1`, `guanxi_jobs_running{kind="a"} 1`,
		`guanxi_job_seconds_sum{kind="a"} 2`, `guanxi_jobs_wait_seconds 1.5`,
	} {
		if !strings.Contains(w.Body.String(), line+"\n") {
			t.Errorf("there is no %s", line)
		}
	}
}
