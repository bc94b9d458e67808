package service

import (
	"database/sql"

	_ "modernc.org/sqlite" // to look at the tables beside the store
)

// query reads one value beside the store.
func (w *world) query(text string, args ...any) string {
	w.t.Helper()
	if w.beside == nil {
		db, err := sql.Open("sqlite", "file:"+w.path+"?mode=ro")
		if err != nil {
			w.t.Fatal(err)
		}
		w.t.Cleanup(func() { db.Close() })
		w.beside = db
	}
	var value sql.NullString
	if err := w.beside.QueryRowContext(w.t.Context(), text, args...).Scan(&value); err != nil {
		w.t.Fatalf("%s: %v", text, err)
	}
	return value.String
}
