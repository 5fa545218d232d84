-- The population of tests/bench/population.h as PostgreSQL would keep it: each row with the time it
-- was true. indexes.sql comes after loading.

CREATE TABLE principal (
    id    int       NOT NULL,
    name  text      NOT NULL,
    valid tstzrange NOT NULL);

CREATE TABLE membership (
    member_id int       NOT NULL,
    group_id  int       NOT NULL,
    valid     tstzrange NOT NULL);

-- Paths in lower case. Scopes here never move, so these rows need no time.
CREATE TABLE scope (
    id        int  NOT NULL,
    path      text NOT NULL,
    parent_id int);

-- Patterns for LIKE, in lower case; a block gives what one pattern matches and no exception does.
-- Roles here never change, so these rows need no time.
CREATE TABLE permission (
    role_id   int     NOT NULL,
    block     int     NOT NULL,
    data      boolean NOT NULL,
    exception boolean NOT NULL,
    pattern   text    NOT NULL);

CREATE TABLE assignment (
    principal_id int       NOT NULL,
    scope_id     int       NOT NULL,
    role_id      int       NOT NULL,
    valid        tstzrange NOT NULL);

CREATE TABLE deny (
    id           int       NOT NULL,
    principal_id int       NOT NULL,
    scope_id     int       NOT NULL,
    valid        tstzrange NOT NULL);

CREATE TABLE deny_permission (LIKE permission);
ALTER TABLE deny_permission RENAME COLUMN role_id TO deny_id;
