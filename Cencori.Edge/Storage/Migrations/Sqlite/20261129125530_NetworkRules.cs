using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Cencori.Edge.Storage.Migrations.Sqlite
{
    /// <inheritdoc />
    [DbContext(typeof(SqliteEdgeDbContext))]
    [Migration("20261129125530_NetworkRules")]
    public class NetworkRules : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "AccessMode",
                table: "projects",
                type: "TEXT",
                nullable: false,
                defaultValue: "Public");

            migrationBuilder.AddColumn<string>(
                name: "AllowedCidrs",
                table: "projects",
                type: "TEXT",
                nullable: false,
                defaultValue: "[]");

            migrationBuilder.AddColumn<string>(
                name: "AllowedCidrs",
                table: "api_keys",
                type: "TEXT",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("""ALTER TABLE projects DROP COLUMN "AccessMode" """);
            migrationBuilder.Sql("""ALTER TABLE projects DROP COLUMN "AllowedCidrs" """);
            migrationBuilder.Sql("""ALTER TABLE api_keys DROP COLUMN "AllowedCidrs" """);
        }
    }
}
