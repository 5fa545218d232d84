#include "api/table.h"

#include <algorithm>

#include "base/invariant.h"

namespace tenure::api {

Table::Table(std::vector<Column> columns) : columns_{std::move(columns)} {
    for (const Column& column : columns_) widths_.push_back(display_width(column.title));
}

void Table::add(std::vector<Cell> cells) {
    INVARIANT(cells.size() == columns_.size());
    for (std::size_t i = 0; i < cells.size(); ++i) {
        cells[i].text = printable(cells[i].text);
        widths_[i] = std::max(widths_[i], display_width(cells[i].text));
    }
    rows_.push_back(std::move(cells));
}

void Table::write_row(std::string& out, const std::vector<Cell>& cells, const Paint& paint) const {
    // Blanks are written when something follows them, so that no line ends in one.
    std::size_t blanks = 0;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const Cell& cell = cells[i];
        const std::size_t space = widths_[i] - display_width(cell.text);
        const bool right = columns_[i].align == Align::right;
        if (right) blanks += space;
        if (!cell.text.empty()) {
            out.append(blanks, ' ');
            blanks = 0;
            out += cell.painted ? paint(cell.colour, cell.text) : cell.text;
        }
        blanks += (right ? 0 : space) + 2;
    }
    out += '\n';
}

std::string Table::take(const Paint& paint) {
    std::string out;
    if (!titles_shown_) {
        std::vector<Cell> titles;
        for (const Column& column : columns_) titles.emplace_back(Colour::title, column.title);
        write_row(out, titles, paint);
        titles_shown_ = true;
    }
    for (const auto& row : rows_) write_row(out, row, paint);
    rows_.clear();
    return out;
}

}  // namespace tenure::api
