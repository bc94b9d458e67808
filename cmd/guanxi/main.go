// Command guanxi is the whole server in one binary: flags, then app.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
)

// version is set by the build.
var version = "dev"

type cli struct {
	Serve   serveCmd   `cmd:"" help:"Serve the API on the data folder."`
	Demo    demoCmd    `cmd:"" help:"Serve a made-up company to try things out; loopback only."`
	Migrate migrateCmd `cmd:"" help:"Create the database or bring its schema up to date."`
	Org     orgCmd     `cmd:"" help:"Organizations."`
	User    userCmd    `cmd:"" help:"Users."`
	Backup  backupCmd  `cmd:"" help:"Write database and attachments into one file, also beside a running server."`
	Restore restoreCmd `cmd:"" help:"Put a backup into an empty data folder, or only check it."`
	Gen     genCmd     `cmd:"" help:"Fill the database with made-up customers, for measuring."`
	DB      dbCmd      `cmd:"" name:"db" help:"The database."`
	Version versionCmd `cmd:"" help:"Print the version."`
}

const description = `An open CRM server that speaks the open API v2 of 励销云CRM field for field.

Every option is a flag and an environment variable (GUANXI_...). A new installation needs two commands:

  guanxi org add "My company" --login 13800000000     prints the administrator's password once
  guanxi serve`

func main() {
	syscall.Umask(0o077) // what the program writes is for its owner: hashes, keys, customers
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:]))
}

func run(ctx context.Context, args []string) int {
	var c cli
	parser, err := kong.New(&c, kong.Name("guanxi"), kong.Description(description), kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.ValueFormatter(valueHelp), kong.BindTo(ctx, (*context.Context)(nil)))
	if err != nil {
		fmt.Fprintln(os.Stderr, "guanxi:", err)
		return 2
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	k, err := parser.Parse(args)
	if err != nil {
		var p *kong.ParseError
		if errors.As(err, &p) {
			_ = p.Context.PrintUsage(true)
		}
		fmt.Fprintln(os.Stderr, "guanxi:", err)
		return 2
	}
	if err := k.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "guanxi:", err)
		return 1
	}
	return 0
}

// valueHelp is the help of an option with its default and its variable; kong
// leaves the default out where there is a placeholder.
func valueHelp(v *kong.Value) string {
	text := v.Help
	if v.HasDefault && v.Default != "" && v.Default != "false" {
		text += " Default: " + v.Default + "."
	}
	if len(v.Tag.Envs) > 0 {
		text += " ($" + strings.Join(v.Tag.Envs, ", $") + ")"
	}
	return text
}

type versionCmd struct{}

func (versionCmd) Run() error {
	fmt.Println("guanxi", version)
	return nil
}
