using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Cencori.Edge.Storage.Migrations.Postgres
{
    /// <inheritdoc />
    [DbContext(typeof(PostgresEdgeDbContext))]
    [Migration("20261129145832_PoliciesOfProjects")]
    public class PoliciesOfProjects : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "Policy",
                table: "request_records",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Policies",
                table: "projects",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "PoliciesVersion",
                table: "projects",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "Policy",
                table: "request_records");

            migrationBuilder.DropColumn(
                name: "Policies",
                table: "projects");

            migrationBuilder.DropColumn(
                name: "PoliciesVersion",
                table: "projects");
        }
    }
}
