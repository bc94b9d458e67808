package store

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"guanxi/internal/crm"
)

const customerColumns = `id, user_id, creator_id, department_id, parent_id, name, name_pinyin, company_name, note, status,
	category, source, industry, staff_size, approve_status, custom_field_template_id, pool_id, home_pool_id, before_pool_id,
	before_user_id, before_department_id, flow_into_at, owned_at, status_updated_at, submit_applying_at, finish_approve_at,
	revisit_remind_at, lead_id, labelled, revisit_at, custom_values, created_at, updated_at, `

// customerWidth is how many values a row of customers has when it is written.
const customerWidth = 53

func scanCustomer(r Rows, c *crm.Customer) error {
	dest := make([]any, 0, customerWidth)
	dest = append(dest, &c.ID, &c.OwnerID, &c.CreatorID, &c.DepartmentID, &c.ParentID, &c.Name, &c.NamePinyin,
		&c.CompanyName, &c.Note, &c.Status, &c.Category, &c.Source, &c.Industry, &c.StaffSize, &c.Approval,
		&c.TemplateID, &c.PoolID, &c.HomePoolID, &c.BeforePoolID, &c.BeforeUserID, &c.BeforeDepartmentID, &c.FlowIntoAt,
		&c.OwnedAt, &c.StatusAt, &c.SubmittedAt, &c.DecidedAt, &c.RevisitRemindAt, &c.LeadID, &c.Labelled, &c.RevisitAt, &c.Custom, &c.CreatedAt, &c.UpdatedAt)
	return r.Scan(scanAddress(dest, &c.Address)...)
}

const (
	customersByName = `SELECT id, user_id, name, status, category, approve_status, custom_field_template_id, labelled,
		created_at, updated_at, ` + addressColumns + `
		FROM customers WHERE organization_id = $1 AND name = $2`

	// wholeByName is the same with each customer's contacts beside it.
	wholeByName = `SELECT
	c.id, c.user_id, c.name, c.status, c.category, c.approve_status, c.custom_field_template_id, c.labelled,
	c.created_at, c.updated_at, c.address_id, c.country_id, c.province_id, c.city_id, c.district_id, c.tel, c.phone,
	c.email, c.qq, c.fax, c.wechat, c.wangwang, c.zip, c.url, c.detail_address, c.lat, c.lng, c.lat IS NOT NULL,
	c.address_created_at, c.address_updated_at,
	k.id, k.name,
	k.address_id, k.country_id, k.province_id, k.city_id, k.district_id, k.tel, k.phone, k.email, k.qq, k.fax,
	k.wechat, k.wangwang, k.zip, k.url, k.detail_address, k.lat, k.lng, k.lat IS NOT NULL, k.address_created_at,
	k.address_updated_at
		FROM customers c
		LEFT JOIN contacts k ON k.organization_id = c.organization_id AND k.customer_id = c.id
		WHERE c.organization_id = $1 AND c.name = $2`

	labelsByName = `SELECT l.customer_id, l.label_id
		FROM customers c CROSS JOIN customer_labels l
		WHERE c.organization_id = $1 AND c.name = $2 AND l.organization_id = c.organization_id AND l.customer_id = c.id
		ORDER BY l.label_id`
)

// Match is a customer found by its name, with its contacts (id, name, address)
// and the ids of its labels.
type Match struct {
	crm.Match
	LabelIDs []int64
}

// CustomersByName finds all customers of the organization with exactly this
// name, the oldest first, their contacts in the order of ids. Rows are put in
// order here: hits are few, and sorting costs the engines more.
func (r *Read) CustomersByName(org int64, name string) ([]Match, error) {
	var found []Match
	labelled := false
	var m Match
	ofMatch := scanAddress(append(make([]any, 0, 52), &m.ID, &m.OwnerID, &m.Name, &m.Status, &m.Category, &m.Approval,
		&m.TemplateID, &m.Labelled, &m.CreatedAt, &m.UpdatedAt), &m.Address)
	args := []any{org, name}
	if r.tx.Near() {
		// A statement for each hit costs less than the customer with each contact.
		err := r.tx.Once(Question{SQL: customersByName, Args: args, Each: func(rows Rows) error {
			err := rows.Scan(ofMatch...)
			found = append(found, m)
			labelled = labelled || m.Labelled
			return err
		}})
		if err != nil {
			return nil, err
		}
		for i := range found {
			if found[i].Contacts, err = r.ContactsOf(org, found[i].ID); err != nil {
				return nil, err
			}
		}
	} else {
		var k crm.Contact
		whole := scanAddress(append(ofMatch, &k.ID, &k.Name), &k.Address)
		err := r.tx.Once(Question{SQL: wholeByName, Args: args, Each: func(rows Rows) error {
			err := rows.Scan(whole...)
			x := matchOf(found, m.ID)
			if x == nil {
				labelled = labelled || m.Labelled
				found = append(found, m)
				x = &found[len(found)-1]
			}
			if k.ID != 0 {
				x.Contacts = append(x.Contacts, k)
			}
			return err
		}})
		if err != nil {
			return nil, err
		}
	}
	if len(found) > 1 {
		slices.SortFunc(found, func(a, b Match) int {
			return cmp.Or(cmp.Compare(a.CreatedAt, b.CreatedAt), cmp.Compare(a.ID, b.ID))
		})
	}
	for i := range found {
		sortByID(found[i].Contacts)
	}
	if !labelled {
		return found, nil
	}
	return found, each(r.tx, labelsByName, args, func(rows Rows) error {
		var customer, label int64
		err := rows.Scan(&customer, &label)
		if x := matchOf(found, customer); x != nil {
			x.LabelIDs = append(x.LabelIDs, label)
		}
		return err
	})
}

// matchOf finds the hit of a customer; nil where there is none yet.
func matchOf(found []Match, customer int64) *Match {
	for i := range found {
		if found[i].ID == customer {
			return &found[i]
		}
	}
	return nil
}

const customerByID = `SELECT ` + customerColumns + addressColumns + `
		FROM customers WHERE organization_id = $1 AND id = $2`

// Customer reads one customer. ErrNoRow where there is none.
func (r *Read) Customer(org, id int64) (*crm.Customer, error) {
	rows, err := r.tx.Query(customerByID, org, id)
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
	dest := append(make([]any, 0, 28), &c.ID, &c.OwnerID, &c.CreatorID, &c.DepartmentID, &c.PoolID, &c.Name, &c.NamePinyin,
		&c.CompanyName, &c.Status, &c.Category, &c.Approval, &c.RevisitAt, &c.CreatedAt, &c.UpdatedAt)
	err := one(r.tx, `SELECT id, user_id, creator_id, department_id, pool_id, name, name_pinyin, company_name, status, category,
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

const assistantsOf = `SELECT user_id FROM customer_assistants WHERE organization_id = $1 AND customer_id = $2
	ORDER BY user_id`

// Assistants gives the users who collaborate on a customer.
func (r *Read) Assistants(org, customer int64) ([]int64, error) {
	return r.ids(assistantsOf, org, customer)
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
	insertCustomer = insert("customers", customerWidth, `organization_id, `+customerColumns+insertAddressColumns)
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
	_, err := w.tx.Exec(insertCustomer, customerArgs(make([]any, 0, customerWidth), w.org, c)...)
	return err
}

func customerArgs(args []any, org int64, c *crm.Customer) []any {
	args = append(args, org, c.ID, null(c.OwnerID), null(c.CreatorID), null(c.DepartmentID), null(c.ParentID), c.Name,
		c.NamePinyin, c.CompanyName, c.Note, null(c.Status), null(c.Category), null(c.Source), null(c.Industry),
		null(c.StaffSize), string(c.Approval), null(c.TemplateID), null(c.PoolID), null(c.HomePoolID), null(c.BeforePoolID),
		null(c.BeforeUserID), null(c.BeforeDepartmentID), null(c.FlowIntoAt), null(c.OwnedAt), null(c.StatusAt),
		null(c.SubmittedAt), null(c.DecidedAt), null(c.RevisitRemindAt), null(c.LeadID), c.Labelled, null(c.RevisitAt),
		values(c.Custom), int64(c.CreatedAt), int64(c.UpdatedAt))
	return addressArgs(args, &c.Address)
}
