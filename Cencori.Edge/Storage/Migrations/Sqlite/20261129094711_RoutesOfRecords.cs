using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Cencori.Edge.Storage.Migrations.Sqlite
{
    /// <inheritdoc />
    [DbContext(typeof(SqliteEdgeDbContext))]
    [Migration("20261129094711_RoutesOfRecords")]
    public class RoutesOfRecords : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "Route",
                table: "request_records",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "Fallback",
                table: "request_records",
                type: "INTEGER",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("""ALTER TABLE request_records DROP COLUMN "Route" """);
            migrationBuilder.Sql("""ALTER TABLE request_records DROP COLUMN "Fallback" """);
        }
    }
}
