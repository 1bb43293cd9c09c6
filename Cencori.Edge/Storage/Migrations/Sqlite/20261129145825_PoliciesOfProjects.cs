using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Cencori.Edge.Storage.Migrations.Sqlite
{
    /// <inheritdoc />
    [DbContext(typeof(SqliteEdgeDbContext))]
    [Migration("20261129145825_PoliciesOfProjects")]
    public class PoliciesOfProjects : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "Policy",
                table: "request_records",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Policies",
                table: "projects",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "PoliciesVersion",
                table: "projects",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("""ALTER TABLE request_records DROP COLUMN "Policy" """);
            migrationBuilder.Sql("""ALTER TABLE projects DROP COLUMN "Policies" """);
            migrationBuilder.Sql("""ALTER TABLE projects DROP COLUMN "PoliciesVersion" """);
        }
    }
}
