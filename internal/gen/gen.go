// Package gen makes up organizations with customers and contacts, for
// measuring and for trying things out.
//
// What it makes is a function of Params alone: the same parameters give the
// same rows, whatever the size of batches and however often a load was
// interrupted. Only passwords are random. All names are made up; telephone
// numbers are of ranges that nobody is called under here, and e-mail addresses
// lie in example.com.
//
// Load writes in batches, each one transaction that also notes how far the
// load has come, so that a load which was killed continues behind its last
// whole batch.
package gen

import (
	"errors"
	"fmt"
	"time"

	"guanxi/internal/crm"
)

// format changes whenever the same parameters would give other rows, so that a
// load which an older program began is not continued with other rows.
const format = 2

// Params are what the rows are made from.
type Params struct {
	// Customers is the number of all customers; they are spread evenly over
	// so many Organizations.
	Customers, Organizations int
	Seed                     int64
}

// Validate refuses numbers that nothing can be made from.
func (p Params) Validate() error {
	switch {
	case p.Customers < 1 || p.Customers > 100_000_000:
		return errors.New("the number of customers must be between 1 and 100000000")
	case p.Organizations < 1 || p.Organizations > 10_000:
		return errors.New("the number of organizations must be between 1 and 10000")
	case p.Organizations > p.Customers:
		return errors.New("there cannot be more organizations than customers")
	}
	return nil
}

// text is how the parameters stand in the database.
func (p Params) text() string {
	return fmt.Sprintf("format=%d customers=%d organizations=%d seed=%d", format, p.Customers, p.Organizations, p.Seed)
}

// share is how many customers an organization gets.
func (p Params) share(index int) int {
	n := p.Customers / p.Organizations
	if index < p.Customers%p.Organizations {
		n++
	}
	return n
}

// The five years that records are spread over.
var (
	epochBegin = time.Date(2021, 7, 1, 0, 0, 0, 0, crm.China)
	epochEnd   = time.Date(2026, 7, 1, 0, 0, 0, 0, crm.China)
)
