package store

import "guanxi/internal/crm"

const contactColumns = `id, customer_id, creator_id, name, name_pinyin, department, job, category, gender, note, birth_date,
	card_attachment_id, custom_values, created_at, updated_at, `

// Contact reads one contact. ErrNoRow where there is none.
func (r *Read) Contact(org, id int64) (*crm.Contact, error) {
	rows, err := r.tx.Query(`SELECT `+contactColumns+addressColumns+`
		FROM contacts WHERE organization_id = $1 AND id = $2`, org, id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return nil, err
		}
		return nil, ErrNoRow
	}
	c := &crm.Contact{}
	dest := make([]any, 0, 35)
	dest = append(dest, &c.ID, &c.CustomerID, &c.CreatorID, &c.Name, &c.NamePinyin, &c.Department, &c.Job, &c.Category,
		&c.Gender, &c.Note, &c.BirthDate, &c.CardID, &c.Custom, &c.CreatedAt, &c.UpdatedAt)
	return c, rows.Scan(scanAddress(dest, &c.Address)...)
}

// usualContacts is how many contacts of a customer are made room for at first.
const usualContacts = 3

// ContactsOf gives id, name and address of all contacts of a customer, in the
// order of their ids.
func (r *Read) ContactsOf(org, customer int64) ([]crm.Contact, error) {
	var c crm.Contact
	dest := scanAddress(append(make([]any, 0, 22), &c.ID, &c.Name), &c.Address)
	found := make([]crm.Contact, 0, usualContacts)
	err := each(r.tx, `SELECT id, name, `+addressColumns+`
		FROM contacts WHERE organization_id = $1 AND customer_id = $2 ORDER BY id`, []any{org, customer}, func(rows Rows) error {
		err := rows.Scan(dest...)
		found = append(found, c)
		return err
	})
	return found, err
}

// Siblings gives id, name and the address in short of all contacts of a
// customer but one, in the order of their ids. In short: what a record shows of
// another's address (no fax, chat names, zip and times).
func (r *Read) Siblings(org, customer, but int64) ([]crm.Contact, error) {
	var c crm.Contact
	dest := scanShortAddress(append(make([]any, 0, 17), &c.ID, &c.Name), &c.Address)
	found := make([]crm.Contact, 0, usualContacts)
	err := each(r.tx, `SELECT id, name, `+shortAddressColumns+` FROM contacts
		WHERE organization_id = $1 AND customer_id = $2 AND id <> $3 ORDER BY id`, []any{org, customer, but}, func(rows Rows) error {
		err := rows.Scan(dest...)
		found = append(found, c)
		return err
	})
	return found, err
}

// AddContact writes a contact with its address; all ids are set by the caller.
func (w *Write) AddContact(c *crm.Contact) error {
	_, err := w.tx.Exec(insertContact, contactArgs(make([]any, 0, 35), w.org, c)...)
	return err
}

func contactArgs(args []any, org int64, c *crm.Contact) []any {
	args = append(args, org, c.ID, c.CustomerID, null(c.CreatorID), c.Name, c.NamePinyin, c.Department, c.Job,
		null(c.Category), c.Gender, c.Note, c.BirthDate, null(c.CardID), values(c.Custom), int64(c.CreatedAt),
		int64(c.UpdatedAt))
	return addressArgs(args, &c.Address)
}
