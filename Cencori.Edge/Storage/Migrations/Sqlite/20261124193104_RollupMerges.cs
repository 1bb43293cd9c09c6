using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Cencori.Edge.Storage.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class RollupMerges : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "MergedBefore",
                table: "usage_writers",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "MergedBefore",
                table: "usage_writers");
        }
    }
}
