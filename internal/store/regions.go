package store

import (
	"context"

	"guanxi/internal/region"
)

// fillRegions copies the regions of the binary into the reference table, for
// reports and joins from outside; the program itself reads them from memory.
// It writes only when the table does not hold as many rows as the binary.
func (s *Store) fillRegions(ctx context.Context) error {
	table, err := region.Load()
	if err != nil {
		return err
	}
	var have, want int64
	for range table.All() {
		want++
	}
	err = s.engine.view(ctx, installation, func(tx Tx) error {
		return one(tx, "SELECT count(*) FROM regions", nil, &have)
	})
	if err != nil || have == want {
		return err
	}
	return s.engine.update(ctx, installation, func(tx Tx) error {
		var rows []Question
		for r := range table.All() {
			rows = append(rows, Question{SQL: `INSERT INTO regions (level, id, parent_id, name, pinyin, gb_code, retired)
				VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (level, id) DO UPDATE SET parent_id = EXCLUDED.parent_id,
				name = EXCLUDED.name, pinyin = EXCLUDED.pinyin, gb_code = EXCLUDED.gb_code, retired = EXCLUDED.retired`,
				Args: []any{r.Level, r.ID, null(r.ParentID), r.Name, r.Pinyin, r.GBCode, r.Retired}})
		}
		return tx.Together(rows...)
	})
}
