#pragma once
// Table: rows under titles, columns aligned. Long tables are shown in parts; a column never becomes
// narrower from one part to the next.

#include <string>
#include <string_view>
#include <vector>

#include "api/display.h"

namespace tenure::api {

class Table {
public:
    enum class Align { left, right };

    struct Column {
        std::string title;
        Align align = Align::left;
    };

    explicit Table(std::vector<Column> columns);

    // As many cells as columns. A cell's text is made printable; its colour is of the whole cell.
    struct Cell {
        std::string text;
        bool painted = false;
        Colour colour = Colour::faint;

        Cell(std::string cell_text) : text{std::move(cell_text)} {}  // NOLINT: cells are texts

        Cell(const char* cell_text) : text{cell_text} {}  // NOLINT: likewise

        Cell(std::string_view cell_text) : text{cell_text} {}  // NOLINT: likewise

        Cell(Colour cell_colour, std::string cell_text)
            : text{std::move(cell_text)}, painted{true}, colour{cell_colour} {}
    };

    void add(std::vector<Cell> cells);

    std::size_t rows() const { return rows_.size(); }

    // The rows added since the last call, under the titles the first time.
    std::string take(const Paint& paint);

private:
    void write_row(std::string& out, const std::vector<Cell>& cells, const Paint& paint) const;

    std::vector<Column> columns_;
    std::vector<std::size_t> widths_;
    std::vector<std::vector<Cell>> rows_;
    bool titles_shown_ = false;
};

}  // namespace tenure::api
