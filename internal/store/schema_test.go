package store

import (
	"testing"

	"guanxi/internal/pgtest"
)

// rowsOf reads all rows of a pragma or a query as texts.
func rowsOf(t *testing.T, s *Store, text string, columns int) (all [][]string) {
	t.Helper()
	err := s.engine.view(t.Context(), installation, func(tx Tx) (err error) {
		all, err = askTx(tx)(text, columns)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// catalogues are the schemas that the present program makes, on both engines,
// whatever the engine of the run.
func catalogues(t *testing.T) (embedded, postgres *catalogue) {
	t.Helper()
	embedded = readCatalogue(t, openFile(t, newFile(t)))
	url := pgtest.Shared(t).Fresh(t, "")
	s, err := Open(t.Context(), url, Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	return embedded, readCatalogue(t, s)
}

func readCatalogue(t *testing.T, s *Store) (c *catalogue) {
	t.Helper()
	read := sqliteCatalogue
	if _, ok := s.engine.(*pgEngine); ok {
		read = postgresCatalogue
	}
	err := s.engine.view(t.Context(), installation, func(tx Tx) (err error) {
		c, err = read(askTx(tx))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestSchemaKeepsTheRules checks the classes, keys and references of all
// tables, and that nothing happens by itself, on both engines.
func TestSchemaKeepsTheRules(t *testing.T) {
	embedded, postgres := catalogues(t)
	for _, c := range []*catalogue{embedded, postgres} {
		for _, fault := range c.faults() {
			t.Errorf("postgres %v: %s", c.postgres, fault)
		}
		if len(c.tables) != len(registry) {
			t.Errorf("postgres %v: %d tables, %d in the registry", c.postgres, len(c.tables), len(registry))
		}
		references := 0
		for _, x := range c.tables {
			references += len(x.foreign)
		}
		if references < 20 {
			t.Errorf("only %d references were looked at", references)
		}
	}
}
