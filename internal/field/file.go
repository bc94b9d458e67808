package field

import (
	"encoding/json"
	"strconv"
	"strings"
)

// MaxFiles is how many files or pictures one field may hold.
const MaxFiles = 9

// parseFiles takes ids of attachments; that they exist is for Check.
func parseFiles(w write) (any, error) { return w.files("个文件", "files") }

func parsePictures(w write) (any, error) { return w.files("张图片", "pictures") }

func (w write) files(zh, en string) (any, error) {
	ids, err := w.ids(MaxFiles, "必须是附件的编号", "must be the id of an attachment")
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	if len(ids) > MaxFiles {
		n := strconv.Itoa(MaxFiles)
		return nil, w.refuse("最多"+n+zh, "can hold at most "+n+" "+en)
	}
	return ids, nil
}

// picture says whether a type of content is a picture. SVG is not taken for
// one: it can hold a program.
func picture(contentType string) bool {
	contentType = strings.ToLower(contentType)
	return contentType == "" || strings.HasPrefix(contentType, "image/") && !strings.HasPrefix(contentType, "image/svg")
}

// FileIDs are the attachments that a kept value of a kind with Files names.
func FileIDs(raw json.RawMessage) []int64 {
	var ids []int64
	if json.Unmarshal(raw, &ids) != nil {
		return nil
	}
	return ids
}
