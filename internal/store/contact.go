package store

import (
	"cmp"
	"slices"

	"guanxi/internal/crm"
)

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

// contactWhole is a contact with its customer in short and the picture of its
// card; siblingsOf are the other contacts of its customer. Both need nothing
// but the contact's id, so that they are asked in one trip.
const (
	contactWhole = `SELECT
	k.id, k.customer_id, k.creator_id, k.name, k.name_pinyin, k.department, k.job, k.category, k.gender, k.note,
	k.birth_date, k.card_attachment_id, k.custom_values, k.created_at, k.updated_at, k.address_id, k.country_id,
	k.province_id, k.city_id, k.district_id, k.tel, k.phone, k.email, k.qq, k.fax, k.wechat, k.wangwang, k.zip,
	k.url, k.detail_address, k.lat, k.lng, k.lat IS NOT NULL, k.address_created_at, k.address_updated_at,
	c.id, c.user_id, c.creator_id, c.department_id, c.name, c.name_pinyin, c.company_name, c.status, c.category,
	c.approve_status, c.revisit_at, c.created_at, c.updated_at, c.address_id, c.country_id, c.province_id, c.city_id,
	c.district_id, c.tel, c.phone, c.email, c.qq, c.url, c.detail_address, c.lat, c.lng, c.lat IS NOT NULL,
	a.id, a.name, a.attachmentable_type, a.attachmentable_id, a.file_name, a.content_type, a.file_size, a.user_id,
	a.blob_key, a.created_at, a.updated_at
	FROM contacts k
	JOIN customers c ON c.organization_id = k.organization_id AND c.id = k.customer_id
	LEFT JOIN attachments a ON a.organization_id = k.organization_id AND a.id = k.card_attachment_id
	WHERE k.organization_id = $1 AND k.id = $2`

	siblingsOf = `SELECT s.id, s.name,
	s.address_id, s.country_id, s.province_id, s.city_id, s.district_id, s.tel, s.phone, s.email, s.qq, s.url,
	s.detail_address, s.lat, s.lng, s.lat IS NOT NULL
	FROM contacts k
	JOIN contacts s ON s.organization_id = k.organization_id AND s.customer_id = k.customer_id
	WHERE k.organization_id = $1 AND k.id = $2 AND s.id <> $2 ORDER BY s.id`
)

// ContactDetail reads a contact with what its detail shows beside it: of its
// customer what is shown there and what decides who may see it, of the other
// contacts of the customer id, name and the address in short (no fax, chat
// names, zip and times), and the picture of its card. ErrNoRow where there is no
// such contact.
func (r *Read) ContactDetail(org, id int64) (*crm.ContactDetail, error) {
	d := &crm.ContactDetail{}
	k, c := &d.Contact, &d.Customer
	var card crm.Attachment
	whole := append(make([]any, 0, 73), &k.ID, &k.CustomerID, &k.CreatorID, &k.Name, &k.NamePinyin, &k.Department, &k.Job,
		&k.Category, &k.Gender, &k.Note, &k.BirthDate, &k.CardID, &k.Custom, &k.CreatedAt, &k.UpdatedAt)
	whole = append(scanAddress(whole, &k.Address), &c.ID, &c.OwnerID, &c.CreatorID, &c.DepartmentID, &c.Name, &c.NamePinyin,
		&c.CompanyName, &c.Status, &c.Category, &c.Approval, &c.RevisitAt, &c.CreatedAt, &c.UpdatedAt)
	whole = append(scanShortAddress(whole, &c.Address), scanAttachment(&card)...)
	var s crm.Contact
	sibling := scanShortAddress(append(make([]any, 0, 17), &s.ID, &s.Name), &s.Address)
	others := make([]crm.Contact, 0, usualContacts)
	err := r.tx.Together(
		Question{SQL: contactWhole, Args: []any{org, id}, Each: func(rows Rows) error { return rows.Scan(whole...) }},
		Question{SQL: siblingsOf, Args: []any{org, id}, Each: func(rows Rows) error {
			err := rows.Scan(sibling...)
			others = append(others, s)
			return err
		}})
	if err != nil {
		return nil, err
	}
	if k.ID == 0 {
		return nil, ErrNoRow
	}
	if card.ID != 0 {
		d.Card = &card
	}
	d.Siblings = withSelf(others, k)
	return d, nil
}

// withSelf puts a contact among the others of its customer, in the order of ids.
func withSelf(others []crm.Contact, self *crm.Contact) []crm.Contact {
	i, _ := slices.BinarySearchFunc(others, self.ID, func(k crm.Contact, id int64) int { return cmp.Compare(k.ID, id) })
	return slices.Insert(others, i, crm.Contact{ID: self.ID, CustomerID: self.CustomerID, Name: self.Name, Address: self.Address})
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
