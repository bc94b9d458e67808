package store

import (
	"cmp"
	"slices"

	"guanxi/internal/crm"
)

const contactColumns = `id, customer_id, creator_id, name, name_pinyin, department, job, category, gender, note, birth_date,
	card_attachment_id, custom_values, created_at, updated_at, `

const contactByID = `SELECT ` + contactColumns + addressColumns + `
		FROM contacts WHERE organization_id = $1 AND id = $2`

func scanContact(r Rows, c *crm.Contact) error {
	dest := make([]any, 0, 35)
	dest = append(dest, &c.ID, &c.CustomerID, &c.CreatorID, &c.Name, &c.NamePinyin, &c.Department, &c.Job, &c.Category,
		&c.Gender, &c.Note, &c.BirthDate, &c.CardID, &c.Custom, &c.CreatedAt, &c.UpdatedAt)
	return r.Scan(scanAddress(dest, &c.Address)...)
}

// Contact reads one contact. ErrNoRow where there is none.
func (r *Read) Contact(org, id int64) (*crm.Contact, error) {
	rows, err := r.tx.Query(contactByID, org, id)
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
	return c, scanContact(rows, c)
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

// contactsAround are all contacts of a contact's customer, each with that
// customer in short: one statement for everything that a contact's detail
// usually shows. CROSS JOIN tells SQLite to go in this order, also before it knows
// how big the tables are; PostgreSQL goes as it likes.
const contactsAround = `SELECT
	s.id, s.customer_id, s.creator_id, s.name, s.name_pinyin, s.department, s.job, s.category, s.gender, s.note,
	s.birth_date, s.card_attachment_id, s.custom_values, s.created_at, s.updated_at, s.address_id, s.country_id,
	s.province_id, s.city_id, s.district_id, s.tel, s.phone, s.email, s.qq, s.fax, s.wechat, s.wangwang, s.zip,
	s.url, s.detail_address, s.lat, s.lng, s.lat IS NOT NULL, s.address_created_at, s.address_updated_at,
	c.id, c.user_id, c.creator_id, c.department_id, c.pool_id, c.name, c.name_pinyin, c.company_name, c.status, c.category,
	c.approve_status, c.revisit_at, c.created_at, c.updated_at, c.address_id, c.country_id, c.province_id, c.city_id,
	c.district_id, c.tel, c.phone, c.email, c.qq, c.url, c.detail_address, c.lat, c.lng, c.lat IS NOT NULL
	FROM contacts k CROSS JOIN customers c CROSS JOIN contacts s
	WHERE k.organization_id = $1 AND k.id = $2
	AND c.organization_id = k.organization_id AND c.id = k.customer_id
	AND s.organization_id = k.organization_id AND s.customer_id = k.customer_id`

// ContactDetail reads a contact with its customer and the other contacts of the
// customer: of the customer what is shown there and what decides who may see it,
// of the others id, name and the address in short (no fax, chat names, zip and
// times). The picture of the card and files are not read. ErrNoRow where there
// is no such contact.
func (r *Read) ContactDetail(org, id int64) (*crm.ContactDetail, error) {
	d := &crm.ContactDetail{Siblings: make([]crm.Contact, 0, usualContacts)}
	k, c := &d.Contact, &d.Customer
	var s crm.Contact
	// Three ways to read a row: which contact it is, all of it, one of the others.
	which := make([]any, contactsAroundColumns)
	which[0] = &s.ID
	whole := append(make([]any, 0, contactsAroundColumns), &k.ID, &k.CustomerID, &k.CreatorID, &k.Name, &k.NamePinyin,
		&k.Department, &k.Job, &k.Category, &k.Gender, &k.Note, &k.BirthDate, &k.CardID, &k.Custom, &k.CreatedAt, &k.UpdatedAt)
	whole = append(scanAddress(whole, &k.Address), &c.ID, &c.OwnerID, &c.CreatorID, &c.DepartmentID, &c.PoolID, &c.Name, &c.NamePinyin,
		&c.CompanyName, &c.Status, &c.Category, &c.Approval, &c.RevisitAt, &c.CreatedAt, &c.UpdatedAt)
	whole = scanShortAddress(whole, &c.Address)
	a := &s.Address
	other := make([]any, contactsAroundColumns)
	copy(other, []any{&s.ID, nil, nil, &s.Name, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, &a.ID, &a.CountryID,
		&a.ProvinceID, &a.CityID, &a.DistrictID, &a.Tel, &a.Phone, &a.Email, &a.QQ, nil, nil, nil, nil, &a.URL, &a.Detail,
		&a.Lat, &a.Lng, &a.HasPosition})
	err := r.tx.Once(Question{SQL: contactsAround, Args: []any{org, id}, Each: func(rows Rows) error {
		if err := rows.Scan(which...); err != nil {
			return err
		}
		if s.ID != id {
			err := rows.Scan(other...)
			d.Siblings = append(d.Siblings, s)
			return err
		}
		err := rows.Scan(whole...)
		d.Siblings = append(d.Siblings, crm.Contact{ID: k.ID, Name: k.Name, Address: k.Address})
		return err
	}})
	if err == nil && k.ID == 0 {
		err = ErrNoRow
	}
	if err != nil {
		return nil, err
	}
	sortByID(d.Siblings)
	return d, nil
}

const contactsAroundColumns = 63

// sortByID puts a customer's few contacts in the order of their ids, which most
// often is how they came.
func sortByID(k []crm.Contact) {
	if len(k) > 1 {
		slices.SortFunc(k, func(a, b crm.Contact) int { return cmp.Compare(a.ID, b.ID) })
	}
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
