package crm

// Job is work of an organization that is done later, again, or for longer than
// a request may last.
type Job struct {
	OrganizationID, ID int64
	// Kind says what is done, Key to what: an organization has one job of a
	// kind and key.
	Kind, Key string
	Payload   string // JSON
	State     string
	// DueAt is when somebody should look at the job: the time to run of a
	// waiting one, the end of the claim of a running one, 0 otherwise.
	DueAt Time
	// Attempts counts the runs that began and were neither finished nor given
	// back. MaxAttempts 0 leaves their limit to the kind.
	Attempts, MaxAttempts int
	Every                 int64 // milliseconds from run to run; 0 for a job that runs once
	Claim                 int64 // how often a worker has claimed it
	Worker                string
	Done, Total           int64  // progress, in units of the kind
	Cursor                string // how far an interrupted run has come
	LastError             string // holds no values of records
	Result                string // JSON, or empty
	UserID                int64  // who asked for it; 0 for the system itself
	CreatedAt, UpdatedAt  Time
	StartedAt, FinishedAt Time // of the last run; 0 where there was none
}

// States of a job. One that is done, failed or cancelled is finished: nobody
// looks at it until it is asked for again.
const (
	JobWaiting   = "waiting"
	JobRunning   = "running"
	JobPaused    = "paused"
	JobDone      = "done"
	JobFailed    = "failed"
	JobCancelled = "cancelled"
)

// Finished tells whether nothing happens to the job any more by itself.
func (j *Job) Finished() bool {
	return j.State == JobDone || j.State == JobFailed || j.State == JobCancelled
}

// NewJob asks for work.
type NewJob struct {
	Kind string
	// Key makes it one with earlier work of the same kind and key. Empty for a
	// job of its own.
	Key     string
	Payload string // JSON; empty for {}
	DueAt   Time   // 0 for at once
	// MaxAttempts limits the runs; 0 leaves it to the kind.
	MaxAttempts int
	UserID      int64
	At          Time // now
}

// JobPeriodic is the key of a job that runs again and again.
const JobPeriodic = "periodic"

// JobClaim is one worker's right to a job. Every write of the worker names it,
// and fails when somebody else has it, or nobody. The number grows with each
// claim; the worker's name tells two claims apart of which the first was lost
// when a replica became the primary.
type JobClaim struct {
	OrganizationID, ID, Number int64
	Worker                     string
}

// JobProgress is how far a run has come.
type JobProgress struct {
	Done, Total int64
	Cursor      string
	At          Time // now
}

// JobHint says that something has happened to a job, or that there are new ones
// of a kind where ID is 0.
type JobHint struct {
	OrganizationID, ID int64
	Kind               string
}
