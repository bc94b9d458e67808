package demo

import (
	"fmt"
	"math/rand/v2"

	"guanxi/internal/crm"
	"guanxi/internal/gen"
	"guanxi/internal/region"
)

// customers is how many there are, the examples included.
const customers = 300

// The first ids of what stands around the examples, behind all of theirs.
const (
	firstCustomer = 80001
	firstContact  = 150001
	firstAddress  = 250001
)

// around makes the customers beside the examples, always the same ones.
func around(regions *region.Table) ([]account, error) {
	samples, err := gen.Samples(regions, Organization, customers-2)
	if err != nil {
		return nil, err
	}
	r := rand.New(rand.NewPCG(Organization, 1))
	owners := sellers()
	list := make([]account, 0, len(samples))
	contact, address := int64(firstContact), int64(firstAddress)
	for i, s := range samples {
		a := account{Customer: s.Customer, contacts: s.Contacts}
		a.ID = firstCustomer + int64(i)
		owner := owners[r.IntN(len(owners))]
		a.OwnerID, a.CreatorID, a.DepartmentID, a.PoolID = owner.ID, owner.ID, owner.DepartmentID, 0
		a.Labelled, a.Approval, a.Custom = false, crm.Approved, nil
		switch {
		case i%29 == 7:
			a.OwnerID, a.DepartmentID, a.PoolID = 0, 0, poolID
		case i%31 == 9:
			a.Approval = crm.Applying
		case i%12 == 5:
			a.assistants = append(a.assistants, owners[r.IntN(len(owners))].ID)
		}
		if i%40 == 13 { // somebody has entered the same company again
			a.Name, a.NamePinyin = list[i-11].Name, list[i-11].NamePinyin
		}
		a.Status = []int64{statusNew, 4018, 4019, 4020, statusWon, 4022, 4023}[r.IntN(7)]
		a.Category = categoryVIP2 + int64(r.IntN(4))
		a.Source, a.Industry, a.StaffSize = 4031+int64(r.IntN(6)), 4041+int64(r.IntN(8)), 4051+int64(r.IntN(5))
		if i%5 == 2 {
			a.Labelled = true
			n := int64(1 + r.IntN(2))
			from := int64(1 + r.IntN(3))
			for k := range n {
				a.labels = append(a.labels, from+k)
			}
		}
		if i%4 == 1 {
			a.Custom = values(r, i)
		}
		a.Address.ID = address
		for k := range a.contacts {
			c := &a.contacts[k]
			c.ID, c.CustomerID, c.CreatorID, c.Address.ID = contact, a.ID, owner.ID, address+1+int64(k)
			c.Category, c.Custom = 0, nil
			if r.IntN(2) == 0 {
				c.Category = 4061 + int64(r.IntN(5))
			}
			if r.IntN(4) == 0 {
				c.Custom = crm.Values(fmt.Sprintf(`{%q:%q}`, fieldText, c.NamePinyin))
			}
			contact++
		}
		address += 1 + int64(len(a.contacts))
		list = append(list, a)
	}
	return list, nil
}

// sellers are the people who own customers.
func sellers() []crm.User {
	var list []crm.User
	for _, u := range users() {
		switch u.DepartmentID {
		case depSales, depSales1, depSales2, depMarket:
			list = append(list, u)
		}
	}
	return list
}

// values are custom values of a customer: all kinds in turn.
func values(r *rand.Rand, i int) crm.Values {
	terms := []string{"sel_a1c4", "sel_b07e", "sel_c93d"}[r.IntN(3)]
	products := []string{`["mul_11aa"]`, `["mul_22bb"]`, `["mul_11aa","mul_33cc"]`}[r.IntN(3)]
	text := []string{"自动化设备", "办公用品", "企业软件", "食品原料", "建筑材料"}[r.IntN(5)]
	v := fmt.Sprintf(`{%q:%q,%q:%q`, fieldNote, text, fieldTerms, terms)
	if i%8 == 1 {
		v += fmt.Sprintf(`,%q:"400-0%06d",%q:"%d-%02d-%02d 10:00"`, fieldHotline, r.IntN(1_000_000), fieldContract,
			2022+r.IntN(4), 1+r.IntN(12), 1+r.IntN(28))
	}
	return crm.Values(v + fmt.Sprintf(`,%q:%d,%q:%s}`, fieldBudget, 1000*(1+r.IntN(900)), fieldProducts, products))
}
