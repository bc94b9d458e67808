package call

import (
	"time"

	"guanxi/internal/blob"
)

// Links makes the paths of files. Within one clock hour a file has the same
// link, so that answers stay comparable.
type Links struct {
	signer *blob.Signer
	// signMaps is set where the operator's AMap key draws the maps: then only
	// links of ours may use it up.
	signMaps bool
}

// NewLinks makes links signed by signer.
func NewLinks(signer *blob.Signer, signMaps bool) *Links { return &Links{signer, signMaps} }

// Hour is the part of an answer that the clock decides: links change with it.
func Hour(now time.Time) int64 { return now.Unix() / 3600 }

// AppendFile appends the path of an attachment.
func (l *Links) AppendFile(dst []byte, now time.Time, org, id int64, name string) []byte {
	return l.signer.AppendPath(dst, now, org, id, name)
}

// MapSignature is what a map link carries beside its query; "" where none is
// needed.
func (l *Links) MapSignature(query string) string {
	if !l.signMaps {
		return ""
	}
	return l.signer.SignText(query)
}
