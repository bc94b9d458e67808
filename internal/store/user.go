package store

import (
	"context"
	"errors"
	"strconv"

	"guanxi/internal/crm"
)

// AddOrganization writes the organization of this transaction, at version 0:
// Update moves it to 1.
func (w *Write) AddOrganization(name string, at crm.Time) error {
	w.directory = true
	_, err := w.tx.Exec(`INSERT INTO organizations (organization_id, name, version, directory_version, created_at, updated_at)
		VALUES ($1, $2, 0, 0, $3, $3)`, w.org, name, int64(at))
	return err
}

// Organizations lists all organizations in order. It is for the operator's
// commands, never for a request.
func (s *Store) Organizations(ctx context.Context) ([]crm.Organization, error) {
	var all []crm.Organization
	err := s.engine.view(ctx, everyone, func(tx Tx) error {
		all = nil
		return each(tx, `SELECT organization_id, name, version, directory_version, created_at FROM organizations
			ORDER BY organization_id`, nil, func(r Rows) error {
			var o crm.Organization
			err := r.Scan(&o.ID, &o.Name, &o.Version, &o.DirectoryVersion, &o.CreatedAt)
			all = append(all, o)
			return err
		})
	})
	return all, err
}

// NextOrganization takes the id for a new organization. Ids are never given
// twice, also when an organization was deleted.
func (s *Store) NextOrganization(ctx context.Context) (id int64, err error) {
	err = s.engine.update(ctx, everyone, func(tx Tx) (err error) {
		id, err = nextOrganization(tx)
		return err
	})
	return id, err
}

func nextOrganization(tx Tx) (id int64, err error) {
	var highest int64
	var last string
	if err := one(tx, `SELECT max(organization_id) FROM organizations`, nil, &highest); err != nil {
		return 0, err
	}
	// Two that do this at the same time wait for each other at the row.
	err = one(tx, `INSERT INTO installation (name, value) VALUES ('last_organization', $1)
		ON CONFLICT (name) DO UPDATE SET value = CASE
		WHEN CAST(EXCLUDED.value AS BIGINT) > CAST(installation.value AS BIGINT) THEN EXCLUDED.value
		ELSE CAST(CAST(installation.value AS BIGINT) + 1 AS TEXT) END RETURNING value`,
		[]any{strconv.FormatInt(highest+1, 10)}, &last)
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(last, 10, 64)
}

// AddUser writes a user with further departments and password hash. Role,
// departments and superior must be there.
func (w *Write) AddUser(u *crm.User, passwordHash string) error {
	w.directory = true
	_, err := w.tx.Exec(`INSERT INTO users (organization_id, id, name, email, phone, tel, job, gender, role_id,
		department_id, superior_id, state, avatar_attachment_id, hide_numbers, login, password_hash, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`,
		w.org, u.ID, u.Name, u.Email, u.Phone, u.Tel, u.Job, u.Gender, u.RoleID, null(u.DepartmentID), null(u.SuperiorID),
		u.State, null(u.AvatarID), u.HideNumbers, u.Login, passwordHash, int64(u.CreatedAt), int64(u.UpdatedAt))
	if err != nil {
		return err
	}
	return w.addUserDepartments(u)
}

func (w *Write) addUserDepartments(u *crm.User) error {
	for _, d := range u.FurtherDepartments {
		if _, err := w.tx.Exec(`INSERT INTO user_departments (organization_id, user_id, department_id) VALUES ($1, $2, $3)`,
			w.org, u.ID, d); err != nil {
			return err
		}
	}
	return nil
}

// SetUser writes everything of a user but the password, its further departments
// included; ErrNoRow where there is none.
func (w *Write) SetUser(u *crm.User) error {
	w.directory = true
	err := changed(w.tx.Exec(`UPDATE users SET name = $3, email = $4, phone = $5, tel = $6, job = $7, gender = $8, role_id = $9,
		department_id = $10, superior_id = $11, state = $12, avatar_attachment_id = $13, hide_numbers = $14, login = $15,
		updated_at = $16 WHERE organization_id = $1 AND id = $2`,
		w.org, u.ID, u.Name, u.Email, u.Phone, u.Tel, u.Job, u.Gender, u.RoleID, null(u.DepartmentID), null(u.SuperiorID),
		u.State, null(u.AvatarID), u.HideNumbers, u.Login, int64(u.UpdatedAt)))
	if err != nil {
		return err
	}
	if _, err := w.tx.Exec(`DELETE FROM user_departments WHERE organization_id = $1 AND user_id = $2`, w.org, u.ID); err != nil {
		return err
	}
	return w.addUserDepartments(u)
}

// SetUserState changes the state of a user; ErrNoRow where there is none.
func (w *Write) SetUserState(user int64, state string, at crm.Time) error {
	w.directory = true
	n, err := w.tx.Exec(`UPDATE users SET state = $3, updated_at = $4 WHERE organization_id = $1 AND id = $2`,
		w.org, user, state, int64(at))
	if err == nil && n == 0 {
		err = ErrNoRow
	}
	return err
}

// SetPassword changes the password hash of a user; ErrNoRow where there is none.
func (w *Write) SetPassword(user int64, hash string, at crm.Time) error {
	n, err := w.tx.Exec(`UPDATE users SET password_hash = $3, updated_at = $4 WHERE organization_id = $1 AND id = $2`,
		w.org, user, hash, int64(at))
	if err == nil && n == 0 {
		err = ErrNoRow
	}
	return err
}

// PasswordHash reads the password hash of a user.
func (r *Read) PasswordHash(org, user int64) (hash string, err error) {
	err = one(r.tx, `SELECT password_hash FROM users WHERE organization_id = $1 AND id = $2`, []any{org, user}, &hash)
	return hash, err
}

// ErrLoginTaken says that a login already belongs to a user, here or in
// another organization.
var ErrLoginTaken = errors.New("this login is taken")

// AddIdentity lets a user sign in with a login key. ErrLoginTaken where the key
// is somebody's, in whatever organization.
func (w *Write) AddIdentity(loginKey string, user int64, at crm.Time) error {
	_, err := w.tx.Exec(`INSERT INTO identities (login_key, organization_id, user_id, created_at) VALUES ($1, $2, $3, $4)`,
		loginKey, w.org, user, int64(at))
	if errors.Is(err, ErrConstraint) {
		return ErrLoginTaken
	}
	return err
}

// DeleteIdentity takes a login key away from a user; somebody else may have it
// then. Nothing happens where it is not the user's.
func (w *Write) DeleteIdentity(loginKey string, user int64) error {
	_, err := w.tx.Exec(`DELETE FROM identities WHERE login_key = $1 AND organization_id = $2 AND user_id = $3`,
		loginKey, w.org, user)
	return err
}

// Identity tells whose login key this is. ErrNoRow where it is nobody's.
func (r *Read) Identity(loginKey string) (org, user int64, err error) {
	err = one(r.tx, `SELECT organization_id, user_id FROM identities WHERE login_key = $1`, []any{loginKey}, &org, &user)
	return org, user, err
}
