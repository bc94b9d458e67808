package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"guanxi/internal/app"
	"guanxi/internal/crm"
	"guanxi/internal/service"
	"guanxi/internal/store"
)

// folder is what commands need that only open the installation.
type folder struct {
	Data     string `help:"Folder of the database and the files." default:"./data" env:"GUANXI_DATA" placeholder:"DIR"`
	Database string `help:"URL of a PostgreSQL database. Empty: the embedded database in the data folder." env:"GUANXI_DATABASE" placeholder:"URL"`
}

// config is the installation with the standard settings.
func (f folder) config() app.Config {
	return app.Config{Data: f.Data, Database: f.Database, Connections: 4, SessionsDevice: 1, IdleLife: time.Hour,
		AbsoluteLife: time.Hour, MaxBody: 1, MaxUpload: 1, UploadLimit: 1, PictureCache: 1}
}

// open opens the installation. Commands may run beside servers on the same
// database: they learn of the changes within a second.
func (f folder) open(ctx context.Context) (*app.App, error) {
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	return app.Open(ctx, f.config(), false, version, time.Now, log)
}

type migrateCmd struct {
	folder
	Check bool `help:"Only tell what is pending; exit code 1 when something is." env:"GUANXI_MIGRATE_CHECK"`
}

func (m *migrateCmd) Run(ctx context.Context) error {
	cfg := m.config()
	if err := cfg.Validate(); err != nil {
		return err
	}
	if m.Check {
		n, err := app.Pending(ctx, cfg.Where())
		if err == nil && n > 0 {
			err = fmt.Errorf("%d migrations are pending", n)
		}
		if err == nil {
			fmt.Println("the schema is up to date")
		}
		return err
	}
	if m.Database == "" {
		if err := os.MkdirAll(m.Data, 0o700); err != nil {
			return err
		}
		lock, err := app.LockServer(m.Data)
		if err != nil {
			return err
		}
		defer lock.Close()
	}
	if err := store.Migrate(ctx, cfg.Where()); err != nil {
		return err
	}
	fmt.Println("the schema is up to date")
	return nil
}

type orgCmd struct {
	Add  orgAddCmd  `cmd:"" help:"Add an organization with its administrator; prints the password once."`
	List orgListCmd `cmd:"" help:"List the organizations."`
}

type orgAddCmd struct {
	folder
	Name  string `arg:"" help:"Name of the organization."`
	Login string `required:"" help:"The administrator's login: phone number, e-mail address or name." env:"GUANXI_LOGIN" placeholder:"LOGIN"`
	Admin string `help:"The administrator's name." default:"管理员" env:"GUANXI_ADMIN" placeholder:"NAME"`
}

func (o *orgAddCmd) Run(ctx context.Context) error {
	a, err := o.open(ctx)
	if err != nil {
		return err
	}
	defer a.Close()
	id, password, err := a.Service.AddOrganization(ctx, o.Name, o.Admin, o.Login)
	if err != nil {
		return err
	}
	fmt.Printf("organization  %d\nlogin         %s\npassword      %s   (shown this once)\n", id, o.Login, password)
	return nil
}

type orgListCmd struct{ folder }

func (o *orgListCmd) Run(ctx context.Context) error {
	a, err := o.open(ctx)
	if err != nil {
		return err
	}
	defer a.Close()
	all, err := a.Service.Organizations(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tNAME\tSINCE")
	for _, o := range all {
		fmt.Fprintf(w, "%d\t%s\t%s\n", o.ID, o.Name, o.CreatedAt.Std().In(crm.China).Format("2006-01-02 15:04"))
	}
	return w.Flush()
}

type userCmd struct {
	Add      userAddCmd      `cmd:"" help:"Add a user; prints the password once."`
	Password userPasswordCmd `cmd:"" help:"Give a user a new password and end all sessions."`
	List     userListCmd     `cmd:"" help:"List the users of an organization."`
}

type userAddCmd struct {
	folder
	Name     string `arg:"" help:"Name of the user."`
	Org      int64  `required:"" help:"Id of the organization." env:"GUANXI_ORG" placeholder:"ID"`
	Login    string `required:"" help:"Phone number, e-mail address or name to sign in with." env:"GUANXI_LOGIN" placeholder:"LOGIN"`
	Role     int64  `help:"Id of the role; see 'user list'. Where not given: the ordinary user." env:"GUANXI_ROLE" placeholder:"ID"`
	Superior int64  `help:"Id of the superior." env:"GUANXI_SUPERIOR" placeholder:"ID"`
}

func (u *userAddCmd) Run(ctx context.Context) error {
	a, err := u.open(ctx)
	if err != nil {
		return err
	}
	defer a.Close()
	id, password, err := a.Service.AddUser(ctx, u.Org, service.NewUser{Name: u.Name, Login: u.Login, RoleID: u.Role, SuperiorID: u.Superior})
	if err != nil {
		return err
	}
	fmt.Printf("user      %d\nlogin     %s\npassword  %s   (shown this once)\n", id, u.Login, password)
	return nil
}

type userPasswordCmd struct {
	folder
	Login    string `arg:"" help:"Login of the user."`
	Password string `help:"The new password; generated and printed where not given." env:"GUANXI_NEW_PASSWORD" placeholder:"PASSWORD"`
}

func (u *userPasswordCmd) Run(ctx context.Context) error {
	a, err := u.open(ctx)
	if err != nil {
		return err
	}
	defer a.Close()
	password, err := a.Service.ResetPassword(ctx, u.Login, u.Password)
	if err != nil {
		return err
	}
	if u.Password == "" {
		fmt.Printf("login     %s\npassword  %s   (shown this once)\n", u.Login, password)
	} else {
		fmt.Println("the password is changed")
	}
	return nil
}

type userListCmd struct {
	folder
	Org int64 `required:"" help:"Id of the organization." env:"GUANXI_ORG" placeholder:"ID"`
}

func (u *userListCmd) Run(ctx context.Context) error {
	a, err := u.open(ctx)
	if err != nil {
		return err
	}
	defer a.Close()
	d, err := a.Service.Organization(ctx, u.Org)
	if err != nil {
		return err
	}
	users := make([]*crm.User, 0, len(d.Users))
	for _, x := range d.Users {
		users = append(users, x)
	}
	slices.SortFunc(users, func(a, b *crm.User) int { return int(a.ID - b.ID) })
	w := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tNAME\tPHONE\tEMAIL\tSTATE\tROLE\tDEPARTMENT\tSUPERIOR")
	for _, x := range users {
		role := ""
		if r := d.Roles[x.RoleID]; r != nil {
			role = fmt.Sprintf("%d %s", r.ID, r.Name)
		}
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", x.ID, x.Name, x.Phone, x.Email, x.State, role, d.DepartmentName(x.DepartmentID),
			strings.TrimSpace(d.UserName(x.SuperiorID)))
	}
	return w.Flush()
}
