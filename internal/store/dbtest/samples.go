package dbtest

import (
	"cmp"
	"os"
	"regexp"
	"slices"
	"strings"
)

// Statements that the program puts together while it runs begin with the name
// of their family in a comment. A file holds samples of each family (see package
// store's samples.sql); they stand for all of it.
var family = regexp.MustCompile(`^/\* ([a-z][a-z ]*) \*/`)

// Family is the family of a statement that is put together while the program
// runs, "" for any other one.
func Family(sql string) string {
	if m := family.FindStringSubmatch(sql); m != nil && !strings.HasPrefix(sql, Own) {
		return m[1]
	}
	return ""
}

// SampleMark stands in front of each sample in the file.
const SampleMark = "-- +sample\n"

// mostSamples is how many samples of a family are kept.
const mostSamples = 40

// keepSamples adds statements to the file that GUANXI_TEST_SAMPLES names, if it
// names one.
func keepSamples(statements []string) error {
	file := os.Getenv("GUANXI_TEST_SAMPLES")
	if file == "" {
		return nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	merged := MergeSamples(string(text), statements)
	if merged == string(text) {
		return nil
	}
	return os.WriteFile(file, []byte(merged), 0o644)
}

// MergeSamples adds the dynamic ones among statements to the text of a file,
// short ones first.
func MergeSamples(text string, statements []string) string {
	head, _, _ := strings.Cut(text, SampleMark)
	var all []string
	for _, sql := range append(strings.Split(text, SampleMark)[1:], statements...) {
		if sql = strings.TrimSpace(sql); Family(sql) != "" {
			all = append(all, sql)
		}
	}
	slices.SortFunc(all, func(a, b string) int {
		return cmp.Or(cmp.Compare(Family(a), Family(b)), cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
	})
	many := map[string]int{}
	for _, sql := range slices.Compact(all) {
		if many[Family(sql)]++; many[Family(sql)] <= mostSamples {
			head += SampleMark + sql + "\n"
		}
	}
	return head
}
