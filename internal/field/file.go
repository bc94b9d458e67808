package field

import (
	"strconv"

	"guanxi/internal/crm"
)

// MaxFiles is how many files one field may hold.
const MaxFiles = 9

// parseFiles takes ids of attachments; that they exist is the service's to
// check.
func parseFiles(f *crm.CustomField, in Input) (any, error) {
	list := in.List
	if !in.IsList {
		list = []string{in.Text}
	}
	var ids []int64
	for _, s := range list {
		if s == "" {
			continue
		}
		id, err := strconv.ParseInt(s, 10, 64)
		if err != nil || id <= 0 {
			return nil, crm.Invalid(f.Label + "必须是附件的编号")
		}
		ids = append(ids, id)
	}
	if len(ids) > MaxFiles {
		return nil, crm.Invalid(f.Label + "最多9个文件")
	}
	return ids, nil
}
