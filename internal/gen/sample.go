package gen

import (
	"guanxi/internal/crm"
	"guanxi/internal/region"
)

// Sample is a made-up customer with its contacts. Names, addresses and times
// are filled; ids, owner and options are for the caller to replace.
type Sample struct {
	Customer crm.Customer
	Contacts []crm.Contact
}

// Samples makes n customers; the same seed gives the same ones.
func Samples(regions *region.Table, seed int64, n int) ([]Sample, error) {
	names, err := NewNames(regions)
	if err != nil {
		return nil, err
	}
	m := newMaker(names, seed, 0, n)
	list := make([]Sample, n)
	for i := range list {
		var r record
		m.make(&r, i, 0)
		list[i] = Sample{r.customer, r.contacts}
	}
	return list, nil
}
