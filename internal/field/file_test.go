package field

import (
	"encoding/json"
	"slices"
	"testing"
)

func TestFiles(t *testing.T) {
	good(t, []goodCase{
		{"file", text("12"), "[12]"},
		{"file", list("3", "", "1"), "[3,1]"},
		{"file", list("3", "1", "3"), "[3,1]"},
		{"file", list("1", "2", "3", "4", "5", "6", "7", "8", "9"), "[1,2,3,4,5,6,7,8,9]"},
		{"picture", list("1", "2"), "[1,2]"},
		{"picture", rows(map[string]string{"id": "7", "file_url": "https://example.com/a.png"}), "[7]"},
	})
	for _, kind := range []string{"file", "picture"} {
		bad(t, []badCase{
			{kind, text("a.png"), "字段必须是附件的编号"},
			{kind, text("0"), "字段必须是附件的编号"},
			{kind, list("1", "-2"), "字段必须是附件的编号"},
			{kind, rows(map[string]string{"file_url": "https://example.com/a.png"}), "字段必须是附件的编号"},
		})
	}
	ten := list("1", "2", "3", "4", "5", "6", "7", "8", "9", "10")
	bad(t, []badCase{{"file", ten, "字段最多9个文件"}, {"picture", ten, "字段最多9张图片"}})
}

func TestFileIDs(t *testing.T) {
	for raw, want := range map[string][]int64{
		"[3,1]": {3, 1}, "[]": {}, "": nil, "null": nil, `"3"`: nil, `["3"]`: nil, "[1.5]": nil,
	} {
		if got := FileIDs(json.RawMessage(raw)); !slices.Equal(got, want) {
			t.Errorf("FileIDs(%s) = %v", raw, got)
		}
	}
}
