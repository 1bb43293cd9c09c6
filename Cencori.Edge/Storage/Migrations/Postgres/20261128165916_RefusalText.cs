using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Cencori.Edge.Storage.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class RefusalText : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "Message",
                table: "request_records",
                type: "text",
                nullable: true)
                .Annotation("Relational:ColumnOrder", 27);

            migrationBuilder.AddColumn<string>(
                name: "Param",
                table: "request_records",
                type: "text",
                nullable: true)
                .Annotation("Relational:ColumnOrder", 26);

            migrationBuilder.AddColumn<int>(
                name: "Reason",
                table: "request_records",
                type: "integer",
                nullable: true)
                .Annotation("Relational:ColumnOrder", 11);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "Message",
                table: "request_records");

            migrationBuilder.DropColumn(
                name: "Param",
                table: "request_records");

            migrationBuilder.DropColumn(
                name: "Reason",
                table: "request_records");
        }
    }
}
