package service

import (
	"bytes"
	"errors"

	"guanxi/internal/crm"
	"guanxi/internal/field"
	"guanxi/internal/store"
)

// checkValues refuses values of custom fields that name what is not there or
// not the caller's to name. What the record named before, in old, stays.
func (s *Service) checkValues(w *store.Write, c *Caller, entity string, old, v crm.Values) error {
	return field.Check(c.Directory.Fields[entity], old, v, references{s, w, c})
}

// references answers what a caller may name in a value of a custom field.
type references struct {
	s *Service
	w *store.Write
	c *Caller
}

func (r references) User(id int64) bool { return r.c.Directory.Users[id].Active() }

func (r references) Department(id int64) bool { return r.c.Directory.Departments[id] != nil }

// Record answers for records that the caller sees: the name of any other must
// not come to light through a relation.
func (r references) Record(entity string, id int64) (bool, error) {
	_, err := r.s.nameOf(&r.w.Read, r.c, crm.RecordRef{Entity: entity, ID: id})
	return there(err)
}

// nameOf is the name of a record. ErrNotFound or ErrNoRow for one that is not
// there or that the caller does not see.
func (s *Service) nameOf(r *store.Read, c *Caller, ref crm.RecordRef) (name string, err error) {
	org, customer := c.Org(), ref.ID
	switch ref.Entity {
	case "lead":
		lead, err := r.Lead(org, ref.ID)
		if err != nil {
			return "", err
		}
		if reachLead(c, lead) == reachNone {
			return "", crm.ErrNotFound
		}
		return lead.Name, nil
	case "contact":
		contact, err := r.Contact(org, ref.ID)
		if err != nil {
			return "", err
		}
		name, customer = contact.Name, contact.CustomerID
	case "customer":
	default:
		return "", crm.ErrNotFound
	}
	k, err := r.CustomerInShort(org, customer)
	if err != nil {
		return "", err
	}
	if ref.Entity == "customer" {
		name = k.Name
	}
	return name, s.visible(r, c, k)
}

// related gives the names of the records that values of own fields name, as far
// as the caller sees them. It asks for nothing where there is no such value.
func (s *Service) related(r *store.Read, c *Caller, entity string, all ...crm.Values) (map[crm.RecordRef]string, error) {
	var names map[crm.RecordRef]string
	for _, f := range c.Directory.Fields[entity] {
		if k := field.Find(f.Kind); k == nil || k.Reference != "record" {
			continue
		}
		for _, v := range all {
			if !bytes.Contains(v, []byte(f.Name)) {
				continue
			}
			for _, id := range field.IDs(field.Decode(v)[f.Name]) {
				ref := crm.RecordRef{Entity: f.Options.Target, ID: id}
				if _, known := names[ref]; known {
					continue
				}
				name, err := s.nameOf(r, c, ref)
				if _, err := there(err); err != nil {
					return nil, err
				}
				if names == nil {
					names = map[crm.RecordRef]string{}
				}
				names[ref] = name
				if err != nil {
					names[ref] = ""
				}
			}
		}
	}
	return names, nil
}

// relate gives each of n records of a list the names that related finds. at
// gives the values of a record, and where its names go.
func (s *Service) relate(r *store.Read, c *Caller, entity string, n int, at func(i int) (crm.Values, *map[crm.RecordRef]string)) error {
	all := make([]crm.Values, n)
	for i := range all {
		all[i], _ = at(i)
	}
	names, err := s.related(r, c, entity, all...)
	for i := range all {
		_, into := at(i)
		*into = names
	}
	return err
}

// File answers for what the caller has uploaded and no record has.
func (r references) File(id int64) (contentType string, ok bool, err error) {
	a, err := r.w.Attachment(r.c.Org(), id)
	if ok, err = there(err); !ok || err != nil {
		return "", false, err
	}
	return a.ContentType, a.OwnerID == 0 && a.UserID == r.c.Viewer.User.ID, nil
}

// there turns "not there" into an answer.
func there(err error) (bool, error) {
	if errors.Is(err, store.ErrNoRow) || errors.Is(err, crm.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}
