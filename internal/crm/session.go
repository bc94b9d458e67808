package crm

import "strings"

// Session is one sign-in of a user on one device.
type Session struct {
	ID             int64
	OrganizationID int64
	UserID         int64
	TokenHash      string // SHA-256 of the token in hex; the token itself is kept nowhere
	DeviceKind     string
	Device         string
	VersionCode    string
	State          string
	CreatedAt      Time
	LastUsedAt     Time
}

// States of a session. A replaced one is told so on its next call; an ended
// one (signed out, expired) is told to sign in again.
const (
	SessionLive     = "live"
	SessionReplaced = "replaced"
	SessionEnded    = "ended"
)

// DeviceKind sorts the device that a sign-in names into kinds; one user may
// have one live session on each. Old programs send other names than the
// documented open_api, so nothing is refused: what is unknown is "other".
func DeviceKind(device string) string {
	switch d := strings.ToLower(strings.TrimSpace(device)); d {
	case "", "open_api":
		return "open_api"
	case "web", "dingtalk", "wxwork":
		return d
	case "ios", "android", "lxcrm_duli":
		return "mobile"
	}
	return "other"
}
