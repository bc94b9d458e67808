package store

import (
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// KnownSchema is the number of the newest migration of the embedded database
// that this program has.
func KnownSchema() (newest int64, err error) {
	all, err := fs.Glob(migrations, "migrations/sqlite/*.sql")
	for _, name := range all {
		number, _, _ := strings.Cut(path.Base(name), "_")
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("the migration %s has no number: %w", name, err)
		}
		newest = max(newest, n)
	}
	return newest, err
}
