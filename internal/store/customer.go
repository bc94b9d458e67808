package store

import (
	"strconv"
	"strings"

	"guanxi/internal/crm"
)

const customerColumns = `id, user_id, creator_id, department_id, parent_id, name, name_pinyin, company_name, note, status,
	category, source, industry, staff_size, approve_status, custom_field_template_id, pool_id, labelled, revisit_at,
	custom_values, created_at, updated_at, `

func scanCustomer(r Rows, c *crm.Customer) error {
	dest := make([]any, 0, 42)
	dest = append(dest, &c.ID, &c.OwnerID, &c.CreatorID, &c.DepartmentID, &c.ParentID, &c.Name, &c.NamePinyin,
		&c.CompanyName, &c.Note, &c.Status, &c.Category, &c.Source, &c.Industry, &c.StaffSize, &c.Approval,
		&c.TemplateID, &c.PoolID, &c.Labelled, &c.RevisitAt, &c.Custom, &c.CreatedAt, &c.UpdatedAt)
	return r.Scan(scanAddress(dest, &c.Address)...)
}

// CustomersByName finds all customers of the organization with exactly this
// name, in the order of their ids.
func (r *Read) CustomersByName(org int64, name string) ([]crm.Match, error) {
	var found []crm.Match
	var m crm.Match
	dest := scanAddress(append(make([]any, 0, 30), &m.ID, &m.OwnerID, &m.Name, &m.Status, &m.Category, &m.Approval,
		&m.TemplateID, &m.Labelled, &m.CreatedAt, &m.UpdatedAt), &m.Address)
	err := each(r.tx, `SELECT id, user_id, name, status, category, approve_status, custom_field_template_id, labelled,
		created_at, updated_at, `+addressColumns+`
		FROM customers WHERE organization_id = $1 AND name = $2`, []any{org, name}, func(rows Rows) error {
		err := rows.Scan(dest...)
		found = append(found, m)
		return err
	})
	return found, err
}

// Customer reads one customer. ErrNoRow where there is none.
func (r *Read) Customer(org, id int64) (*crm.Customer, error) {
	rows, err := r.tx.Query(`SELECT `+customerColumns+addressColumns+`
		FROM customers WHERE organization_id = $1 AND id = $2`, org, id)
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
	c := &crm.Customer{}
	return c, scanCustomer(rows, c)
}

// CustomerInShort reads of one customer what a contact's detail shows and what
// decides who may see it; the other fields stay empty. ErrNoRow where there is
// none.
func (r *Read) CustomerInShort(org, id int64) (*crm.Customer, error) {
	c := &crm.Customer{}
	dest := append(make([]any, 0, 27), &c.ID, &c.OwnerID, &c.CreatorID, &c.DepartmentID, &c.Name, &c.NamePinyin,
		&c.CompanyName, &c.Status, &c.Category, &c.Approval, &c.RevisitAt, &c.CreatedAt, &c.UpdatedAt)
	err := one(r.tx, `SELECT id, user_id, creator_id, department_id, name, name_pinyin, company_name, status, category,
		approve_status, revisit_at, created_at, updated_at, `+shortAddressColumns+`
		FROM customers WHERE organization_id = $1 AND id = $2`, []any{org, id}, scanShortAddress(dest, &c.Address)...)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// CustomerLabels gives the ids of a customer's labels in order.
func (r *Read) CustomerLabels(org, customer int64) ([]int64, error) {
	return r.ids(`SELECT label_id FROM customer_labels WHERE organization_id = $1 AND customer_id = $2 ORDER BY label_id`,
		org, customer)
}

// Assistants gives the users who collaborate on a customer.
func (r *Read) Assistants(org, customer int64) ([]int64, error) {
	return r.ids(`SELECT user_id FROM customer_assistants WHERE organization_id = $1 AND customer_id = $2 ORDER BY user_id`,
		org, customer)
}

func (r *Read) ids(sql string, args ...any) ([]int64, error) {
	var ids []int64
	err := each(r.tx, sql, args, func(rows Rows) error {
		var id int64
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	})
	return ids, err
}

// insertCustomer and insertContact are made once: the columns and as many
// parameters.
var (
	insertCustomer = insert("customers", 42, `organization_id, `+customerColumns+insertAddressColumns)
	insertContact  = insert("contacts", 35, `organization_id, `+contactColumns+insertAddressColumns)
)

// insert writes an INSERT with n parameters.
func insert(table string, n int, columns string) string {
	var b strings.Builder
	b.WriteString("INSERT INTO " + table + " (" + columns + ") VALUES ($1")
	for i := 2; i <= n; i++ {
		b.WriteString(", $" + strconv.Itoa(i))
	}
	return b.String() + ")"
}

// AddCustomer writes a customer with its address; all ids are set by the
// caller.
func (w *Write) AddCustomer(c *crm.Customer) error {
	_, err := w.tx.Exec(insertCustomer, customerArgs(make([]any, 0, 42), w.org, c)...)
	return err
}

func customerArgs(args []any, org int64, c *crm.Customer) []any {
	args = append(args, org, c.ID, null(c.OwnerID), null(c.CreatorID), null(c.DepartmentID), null(c.ParentID), c.Name,
		c.NamePinyin, c.CompanyName, c.Note, null(c.Status), null(c.Category), null(c.Source), null(c.Industry),
		null(c.StaffSize), string(c.Approval), null(c.TemplateID), null(c.PoolID), c.Labelled, null(c.RevisitAt),
		values(c.Custom), int64(c.CreatedAt), int64(c.UpdatedAt))
	return addressArgs(args, &c.Address)
}

// AddCustomerLabel puts a label on a customer that was added as labelled.
func (w *Write) AddCustomerLabel(customer, label int64) error {
	_, err := w.tx.Exec(`INSERT INTO customer_labels (organization_id, customer_id, label_id) VALUES ($1, $2, $3)`,
		w.org, customer, label)
	return err
}

// AddAssistant makes a user a collaborator of a customer.
func (w *Write) AddAssistant(customer, user int64) error {
	_, err := w.tx.Exec(`INSERT INTO customer_assistants (organization_id, customer_id, user_id) VALUES ($1, $2, $3)`,
		w.org, customer, user)
	return err
}
