package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/alecthomas/kong"
)

// This file is the only reader of the command line and of the environment.
//
// Every setting is a field of a struct in settings.go. Its flag is --like-this and
// its environment variable DM_LIKE_THIS; the flag wins. An empty variable counts
// as unset. Settings tagged secret are read from the environment, or from a file
// that the variable with _FILE behind it names; a tag of "env" says that there is
// no flag, since command lines can be read by everybody on the machine. Flags
// tagged novar are arguments of one command and have no variable.

// processEnvironment is the getenv of a real run.
func processEnvironment(name string) string { return os.Getenv(name) }

// commandLine is the whole grammar: what kong parses into.
type commandLine struct {
	Serve   serveCommand   `cmd:"" help:"Run the product: HTTP doors and scheduler."`
	Check   checkCommand   `cmd:"" help:"Check every server of this node once, now, and print what was done."`
	Import  importCommand  `cmd:"" help:"Take over what another program holds."`
	Torrent torrentCommand `cmd:"" help:"Add, list, watch, pause, resume, verify and remove torrents, here or on another machine."`
	Migrate migrateCommand `cmd:"" help:"Bring the database's tables up to date, or back; serve does the former by itself."`
	User    userCommand    `cmd:"" help:"Manage users."`
	Token   tokenCommand   `cmd:"" help:"Manage API tokens."`
	Version versionCommand `cmd:"" help:"Print the version."`
}

// usageError is an error in how the program was called.
type usageError struct{ error }

// Unwrap returns what is wrong.
func (e usageError) Unwrap() error { return e.error }

// errHelp is the end of a run that only had to print help, and has.
var errHelp = errors.New("help was printed")

// parse reads the command line and the environment.
func parse(args []string, getenv func(string) string, stdout, stderr io.Writer) (*kong.Context, error) {
	environment := &environment{get: getenv, variables: map[string]string{}}
	exited := false
	parser, err := kong.New(&commandLine{},
		kong.Name("downloadmanager"),
		kong.Description(description),
		kong.Writers(stdout, stderr),
		kong.Exit(func(int) { exited = true }),
		kong.Resolvers(kong.ResolverFunc(environment.resolve)),
		kong.ValueFormatter(describeSetting),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: false, WrapUpperBound: 100}),
	)
	if err != nil {
		return nil, err
	}
	parsed, err := parser.Parse(args)
	switch {
	case exited:
		return nil, errHelp
	case err != nil:
		return nil, usageError{environment.blame(err)}
	}
	for _, path := range parsed.Path {
		if path.Flag != nil && !path.Resolved && path.Flag.Tag.Get("secret") == "env" {
			variable := variableOf(path.Flag)
			return nil, usageError{fmt.Errorf("command lines can be read by others: give %s or %s_FILE in the environment instead of --%s",
				variable, variable, path.Flag.Name)}
		}
	}
	return parsed, nil
}

const description = `A download manager for torrents: magnets in, completions out.

Every flag can be given as the environment variable behind it, too. Secrets are
given in no other way: DM_ADMIN_TOKEN, DM_SECRET_KEY and DM_TOKEN. These and DM_DATABASE_URL
can also be read from a file, named by the variable with _FILE behind it. The
README explains them all.`

// environment resolves flags that are not on the command line.
type environment struct {
	get func(string) string
	// variables says which variable a flag's value came from.
	variables map[string]string
}

func (e *environment) resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	name, value, err := e.lookUp(flag)
	if err != nil || value == "" {
		return nil, err
	}
	e.variables[flag.Name] = name
	return value, nil
}

// lookUp finds the value of a flag, "" for none, and the variable it is from. A
// secret may be in a file that a variable names.
func (e *environment) lookUp(flag *kong.Flag) (from, value string, err error) {
	if !hasVariable(flag) {
		return "", "", nil
	}
	name := variableOf(flag)
	value = e.get(name)
	if !flag.Tag.Has("secret") {
		return name, value, nil
	}
	fileVariable := name + "_FILE"
	path := e.get(fileVariable)
	switch {
	case path == "":
		return name, value, nil
	case value != "":
		return "", "", fmt.Errorf("%s and %s are both set; use one", name, fileVariable)
	}
	content, err := os.ReadFile(path) //nolint:gosec // whoever sets our environment may choose it
	if err != nil {
		return "", "", fmt.Errorf("%s: %w", fileVariable, err)
	}
	value = strings.TrimRight(string(content), "\r\n")
	if value == "" {
		return "", "", fmt.Errorf("%s: %s is empty", fileVariable, path)
	}
	return fileVariable, value, nil
}

// blame adds to an error about a flag the variable that its value came from.
func (e *environment) blame(err error) error {
	for name, variable := range e.variables {
		_, rest, found := strings.Cut(err.Error(), "--"+name)
		if found && !strings.HasPrefix(rest, "-") {
			return fmt.Errorf("%w (given as %s)", err, variable)
		}
	}
	return err
}

// hasVariable reports whether flag is a setting, and not an argument of its
// command.
func hasVariable(flag *kong.Flag) bool { return flag.Name != "help" && !flag.Tag.Has("novar") }

// variableOf is the environment variable of a flag.
func variableOf(flag *kong.Flag) string {
	return "DM_" + strings.ToUpper(strings.ReplaceAll(flag.Name, "-", "_"))
}

// describeSetting puts the variable of a flag into its help.
func describeSetting(value *kong.Value) string {
	if value.Flag == nil || !hasVariable(value.Flag) {
		return value.Help
	}
	variable := variableOf(value.Flag)
	if value.Flag.Tag.Has("secret") {
		variable += "[_FILE]"
	}
	return fmt.Sprintf("%s (%s)", value.Help, variable)
}
