package service

import (
	"database/sql"

	"guanxi/internal/store/storetest"
)

// query reads one value beside the store.
func (w *world) query(text string, args ...any) string {
	w.t.Helper()
	if w.beside == nil {
		w.beside = storetest.Beside(w.t, w.database)
	}
	var value sql.NullString
	if err := w.beside.QueryRowContext(w.t.Context(), text, args...).Scan(&value); err != nil {
		w.t.Fatalf("%s: %v", text, err)
	}
	return value.String
}
