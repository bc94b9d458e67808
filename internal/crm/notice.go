package crm

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// Notice is something that a user is told (通知).
type Notice struct {
	ID, UserID int64
	Kind       string // see the constants
	Entity     string
	EntityID   int64  // 0 for a notice about several records
	Content    string // NoticeContent as JSON, for showing
	CreatedAt  Time
	ReadAt     Time // 0 while unread
}

// Kinds of notices.
const (
	NoticeWillFall    = "will_flow_into_common"
	NoticeFell        = "flowed_into_common"
	NoticeMoved       = "turned_common" // somebody moved the record to a pool
	NoticeTransferred = "transferred"
	NoticeDeleted     = "deleted"
	NoticeAssist      = "assist_added"
	NoticeHandedOver  = "handed_over" // somebody's records are the user's now
)

// NoticeLife is how long a notice is kept, read or not.
const NoticeLife = 180 * 24 * time.Hour

// NoticeContent is what a notice says. Records, people and pools are named in
// it, since they may be gone when it is read.
type NoticeContent struct {
	Name string `json:"name,omitempty"` // of the record
	By   string `json:"by,omitempty"`   // who did it
	// Names and IDs are of the records, where there are several.
	Names []string `json:"names,omitempty"`
	IDs   []int64  `json:"ids,omitempty"`
	// Pool is where records went or go, Unsold and Days the rule, At when.
	Pool   string `json:"pool,omitempty"`
	Unsold bool   `json:"unsold,omitempty"`
	Days   int    `json:"days,omitempty"`
	At     Time   `json:"at,omitempty"`
	// Customers and Leads were handed over.
	Customers int64 `json:"customers,omitempty"`
	Leads     int64 `json:"leads,omitempty"`
}

// Decode reads the content; what cannot be read says nothing.
func (n *Notice) Decode() (c NoticeContent) {
	_ = json.Unmarshal([]byte(n.Content), &c)
	return c
}

// namesShown is how many of several names the text of a notice tells.
const namesShown = 10

// Text is the notice as people read it.
func (n *Notice) Text(l Language) string {
	c := n.Decode()
	if l == English {
		return n.english(&c)
	}
	return n.chinese(&c)
}

func (n *Notice) chinese(c *NoticeContent) string {
	kind := map[string]string{"customer": "客户", "lead": "线索", "contact": "联系人"}[n.Entity]
	what := kind + "「" + c.Name + "」"
	if len(c.Names) > 0 {
		shown := c.Names[:min(len(c.Names), namesShown)]
		what = kind + "「" + strings.Join(shown, "」「") + "」"
		if len(c.Names) > namesShown {
			what += "等" + strconv.Itoa(len(c.Names)) + "个"
		}
	}
	rule := strconv.Itoa(c.Days) + "天未跟进"
	if c.Unsold {
		rule = strconv.Itoa(c.Days) + "天未成交"
	}
	switch n.Kind {
	case NoticeWillFall:
		return what + "因" + rule + ",将于" + minuteText(c.At) + "划入公海「" + c.Pool + "」"
	case NoticeFell:
		return what + "因" + rule + ",已划入公海「" + c.Pool + "」"
	case NoticeMoved:
		return c.By + "将" + what + "转入公海「" + c.Pool + "」"
	case NoticeTransferred:
		return c.By + "转移了" + what
	case NoticeDeleted:
		return c.By + "删除了" + what
	case NoticeAssist:
		return c.By + "将您设为" + what + "的协作人"
	case NoticeHandedOver:
		return c.By + "将「" + c.Name + "」的" + strconv.FormatInt(c.Customers, 10) + "个客户、" + strconv.FormatInt(c.Leads, 10) + "个线索交接给您"
	}
	return what
}

func (n *Notice) english(c *NoticeContent) string {
	kind := n.Entity
	what := kind + " “" + c.Name + "”"
	if len(c.Names) > 0 {
		shown := c.Names[:min(len(c.Names), namesShown)]
		what = kind + "s “" + strings.Join(shown, "”, “") + "”"
		if more := len(c.Names) - namesShown; more > 0 {
			what += " and " + strconv.Itoa(more) + " more"
		}
	}
	rule := "not followed up for " + strconv.Itoa(c.Days) + " days"
	if c.Unsold {
		rule = "not sold for " + strconv.Itoa(c.Days) + " days"
	}
	switch n.Kind {
	case NoticeWillFall:
		return "The " + what + " will fall into the pool “" + c.Pool + "” at " + minuteText(c.At) + ": " + rule
	case NoticeFell:
		return "The " + what + " has fallen into the pool “" + c.Pool + "”: " + rule
	case NoticeMoved:
		return c.By + " has moved the " + what + " to the pool “" + c.Pool + "”"
	case NoticeTransferred:
		return c.By + " has transferred the " + what
	case NoticeDeleted:
		return c.By + " has deleted the " + what
	case NoticeAssist:
		return c.By + " has made you a collaborator of the " + what
	case NoticeHandedOver:
		return c.By + " has handed over to you " + strconv.FormatInt(c.Customers, 10) + " customers and " +
			strconv.FormatInt(c.Leads, 10) + " leads of “" + c.Name + "”"
	}
	return what
}

func minuteText(t Time) string { return t.Std().In(China).Format("2006-01-02 15:04") }
