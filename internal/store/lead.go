package store

import "guanxi/internal/crm"

const leadColumns = `id, user_id, creator_id, department_id, name, name_pinyin, company_name, status, source, department, job,
	note, pool_id, before_user_id, before_department_id, before_pool_id, home_pool_id, flow_into_at, owned_at, revisit_at,
	revisit_remind_at, turned_customer_id, turned_at, card_attachment_id, custom_values, created_at, updated_at, `

// leadWidth is how many values a row of leads has when it is written.
const leadWidth = 47

func scanLead(r Rows, l *crm.Lead) error {
	dest := make([]any, 0, leadWidth)
	dest = append(dest, &l.ID, &l.OwnerID, &l.CreatorID, &l.DepartmentID, &l.Name, &l.NamePinyin, &l.CompanyName, &l.Status,
		&l.Source, &l.Department, &l.Job, &l.Note, &l.PoolID, &l.BeforeUserID, &l.BeforeDepartmentID, &l.BeforePoolID,
		&l.HomePoolID, &l.FlowIntoAt, &l.OwnedAt, &l.RevisitAt, &l.RevisitRemindAt, &l.CustomerID, &l.TurnedAt, &l.CardID,
		&l.Custom, &l.CreatedAt, &l.UpdatedAt)
	return r.Scan(scanAddress(dest, &l.Address)...)
}

func leadArgs(org int64, l *crm.Lead) []any {
	args := make([]any, 0, leadWidth)
	args = append(args, org, l.ID, null(l.OwnerID), null(l.CreatorID), null(l.DepartmentID), l.Name, l.NamePinyin,
		l.CompanyName, null(l.Status), null(l.Source), l.Department, l.Job, l.Note, null(l.PoolID), null(l.BeforeUserID),
		null(l.BeforeDepartmentID), null(l.BeforePoolID), null(l.HomePoolID), null(l.FlowIntoAt), null(l.OwnedAt),
		null(l.RevisitAt), null(l.RevisitRemindAt), null(l.CustomerID), null(l.TurnedAt), null(l.CardID), values(l.Custom),
		int64(l.CreatedAt), int64(l.UpdatedAt))
	return addressArgs(args, &l.Address)
}

var (
	insertLead = insert("leads", leadWidth, `organization_id, `+leadColumns+insertAddressColumns)
	updateLead = updateRow("leads", `organization_id, `+leadColumns+insertAddressColumns)
)

const leadByID = `SELECT ` + leadColumns + addressColumns + ` FROM leads WHERE organization_id = $1 AND id = $2`

// Lead reads one lead. ErrNoRow where there is none.
func (r *Read) Lead(org, id int64) (*crm.Lead, error) {
	found, err := r.LeadsOf(org, []int64{id})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, ErrNoRow
	}
	return &found[0], nil
}

// LeadsOf reads several leads, in the order of the ids; those that are not
// there are left out.
func (r *Read) LeadsOf(org int64, ids []int64) ([]crm.Lead, error) {
	found := make([]crm.Lead, 0, len(ids))
	questions := make([]Question, len(ids))
	for i, id := range ids {
		questions[i] = Question{SQL: leadByID, Args: []any{org, id}, Each: func(rows Rows) error {
			found = append(found, crm.Lead{})
			return scanLead(rows, &found[len(found)-1])
		}}
	}
	return found, r.tx.Together(questions...)
}

func (r *Read) leads(sql string, args ...any) ([]crm.Lead, error) {
	var found []crm.Lead
	err := each(r.tx, sql, args, func(rows Rows) error {
		var l crm.Lead
		err := scanLead(rows, &l)
		found = append(found, l)
		return err
	})
	return found, err
}

// LeadsByName finds all leads of the organization with exactly this name, turned
// ones too, in the order of their ids: of each what decides who may see it, and
// whether it has been turned.
func (r *Read) LeadsByName(org int64, name string) ([]crm.Lead, error) {
	var found []crm.Lead
	err := each(r.tx, `SELECT id, user_id, department_id, pool_id, turned_customer_id FROM leads
		WHERE organization_id = $1 AND name = $2 ORDER BY id`, []any{org, name}, func(rows Rows) error {
		var l crm.Lead
		err := rows.Scan(&l.ID, &l.OwnerID, &l.DepartmentID, &l.PoolID, &l.CustomerID)
		found = append(found, l)
		return err
	})
	return found, err
}

// LeadsAfter reads a page of all leads behind an id, in order.
func (r *Read) LeadsAfter(org, after int64, limit int) ([]crm.Lead, error) {
	return r.leads(`SELECT `+leadColumns+addressColumns+`
		FROM leads WHERE organization_id = $1 AND id > $2 ORDER BY id LIMIT $3`, org, after, limit)
}

// LeadsOwnedBy gives ids of an owner's leads behind an id, in order.
func (r *Read) LeadsOwnedBy(org, owner, after int64, limit int) ([]int64, error) {
	return r.ids(`SELECT id FROM leads WHERE organization_id = $1 AND user_id = $2 AND id > $3 ORDER BY id LIMIT $4`,
		org, owner, after, limit)
}

// AddLead writes a lead with its address; all ids are set by the caller.
func (w *Write) AddLead(l *crm.Lead) error {
	_, err := w.tx.Exec(insertLead, leadArgs(w.org, l)...)
	return err
}

// SetLead writes all columns of a lead. ErrNoRow where there is none.
func (w *Write) SetLead(l *crm.Lead) error {
	return changed(w.tx.Exec(updateLead, leadArgs(w.org, l)...))
}

// DeleteLead deletes a lead. ErrNoRow where there is none.
func (w *Write) DeleteLead(id int64) error {
	return changed(w.tx.Exec(`DELETE FROM leads WHERE organization_id = $1 AND id = $2`, w.org, id))
}
