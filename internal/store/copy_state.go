package store

import (
	"context"
	"fmt"
	"strings"
)

// MoveState is how far the copy of a table of an organization has come;
// NoOrganization for tables that belong to none.
type MoveState struct {
	Org      int64
	Table    string
	LastKey  string // of the last row that is there
	Rows     int64
	Sum      string
	Finished bool
}

// RawFacts are the facts of the installation.
func RawFacts(ctx context.Context, r Raw) (map[string]string, error) {
	facts := map[string]string{}
	for row, err := range r.Query(ctx, `SELECT name, value FROM installation`) {
		if err != nil {
			return nil, err
		}
		facts[string(row[0].Text)] = string(row[1].Text)
	}
	return facts, nil
}

// RawFact sets a fact inside the open transaction.
func RawFact(ctx context.Context, r Raw, name, value string) error {
	_, err := r.Exec(ctx, `INSERT INTO installation (name, value) VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value`, name, value)
	return err
}

// HoldMove keeps others from going on with the same move until the open
// transaction ends. held is false when somebody has taken it over.
func HoldMove(ctx context.Context, r Raw, mark string) (held bool, err error) {
	n, err := r.Exec(ctx, `UPDATE installation SET value = $2 WHERE name = $1 AND value = $2`, FactUnfinishedMove, mark)
	return n == 1, err
}

// EndMove takes everything away that only an unfinished move has, inside the
// open transaction.
func EndMove(ctx context.Context, r Raw) error {
	if _, err := r.Exec(ctx, `DELETE FROM moves`); err != nil {
		return err
	}
	_, err := r.Exec(ctx, `DELETE FROM installation WHERE name = $1`, FactUnfinishedMove)
	return err
}

// MoveStates gives what is noted in the target of a move.
func MoveStates(ctx context.Context, r Raw) (all []MoveState, err error) {
	for row, err := range r.Query(ctx, `SELECT organization_id, table_name, last_key, copied, row_sum, finished FROM moves`) {
		if err != nil {
			return nil, err
		}
		all = append(all, MoveState{Org: row[0].Bits, Table: string(row[1].Text), LastKey: string(row[2].Text),
			Rows: row[3].Bits, Sum: string(row[4].Text), Finished: row[5].Bits != 0})
	}
	return all, nil
}

// statesAtOnce is how many states go into one statement.
const statesAtOnce = 200

// NoteMove notes states inside the open transaction.
func NoteMove(ctx context.Context, r Raw, states []MoveState) error {
	for len(states) > 0 {
		n := min(statesAtOnce, len(states))
		var places strings.Builder
		args := make([]any, 0, 6*n)
		for i, s := range states[:n] {
			if i > 0 {
				places.WriteString(", ")
			}
			at := 6 * i
			fmt.Fprintf(&places, "($%d, $%d, $%d, $%d, $%d, $%d)", at+1, at+2, at+3, at+4, at+5, at+6)
			args = append(args, s.Org, s.Table, s.LastKey, s.Rows, s.Sum, s.Finished)
		}
		_, err := r.Exec(ctx, `INSERT INTO moves (organization_id, table_name, last_key, copied, row_sum, finished)
			VALUES `+places.String()+` ON CONFLICT (organization_id, table_name) DO UPDATE SET last_key = EXCLUDED.last_key,
			copied = EXCLUDED.copied, row_sum = EXCLUDED.row_sum, finished = EXCLUDED.finished`, args...)
		if err != nil {
			return err
		}
		states = states[n:]
	}
	return nil
}
