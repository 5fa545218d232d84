#pragma once
// Both forms of every answer: to_json for programs, to_text for people.

#include "api/answer_json.h"
#include "api/answer_text.h"
#include "api/catalog_text.h"
#include "api/condition_json.h"
#include "api/condition_text.h"
#include "api/role_json.h"
#include "api/role_text.h"
#include "api/store_json.h"
#include "api/store_text.h"
