// libedit sets its options through functions of variable arguments, which Swift cannot call: one plain function for each.
#pragma once
#include <histedit.h>
#include <stdio.h>

// C's streams are variables, which Swift does not take from several threads.
static inline FILE *edit_input(void) { return stdin; }
static inline FILE *edit_output(void) { return stdout; }

typedef char *(*edit_prompt)(EditLine *);
typedef unsigned char (*edit_command)(EditLine *, int);
typedef int (*edit_reader)(EditLine *, wchar_t *);

static inline EditLine *edit_open(const char *program) { return el_init(program, stdin, stdout, stderr); }

static inline void edit_set_data(EditLine *e, void *data) { el_set(e, EL_CLIENTDATA, data); }

static inline void *edit_data(EditLine *e) {
    void *data = NULL;
    el_get(e, EL_CLIENTDATA, &data);
    return data;
}

static inline void edit_set_prompt(EditLine *e, edit_prompt prompt) { el_set(e, EL_PROMPT, prompt); }
static inline void edit_set_editor(EditLine *e, const char *editor) { el_set(e, EL_EDITOR, editor); }
static inline void edit_set_reader(EditLine *e, edit_reader reader) { el_set(e, EL_GETCFN, reader); }

static inline void edit_add(EditLine *e, const char *name, const char *help, edit_command command) {
    el_set(e, EL_ADDFN, name, help, command);
}

static inline void edit_bind(EditLine *e, const char *key, const char *name) { el_set(e, EL_BIND, key, name, NULL); }

// A setting of the terminal while a line is edited, such as "-isig".
static inline void edit_set_terminal(EditLine *e, const char *setting) { el_set(e, EL_SETTY, "-d", setting, NULL); }

// Takes the terminal for editing, or gives it back.
static inline void edit_prepare(EditLine *e, int on) { el_set(e, EL_PREP_TERM, on); }

// Redraws the prompt and the line, from the left edge of the row that the cursor is in.
static inline void edit_redraw(EditLine *e) { el_set(e, EL_REFRESH); }

// A history without an entry twice in a row.
static inline History *edit_history(EditLine *e, int size) {
    History *entries = history_init();
    HistEvent event;
    if (!entries) return NULL;
    history(entries, &event, H_SETSIZE, size);
    history(entries, &event, H_SETUNIQUE, 1);
    el_set(e, EL_HIST, history, entries);
    return entries;
}

static inline void edit_remember(History *entries, const char *text) {
    HistEvent event;
    history(entries, &event, H_ENTER, text);
}
