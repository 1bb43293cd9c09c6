using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Cencori.Edge.Storage.Migrations.Postgres
{
    /// <inheritdoc />
    [DbContext(typeof(PostgresEdgeDbContext))]
    [Migration("20261129094717_RoutesOfRecords")]
    public class RoutesOfRecords : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "Route",
                table: "request_records",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "Fallback",
                table: "request_records",
                type: "integer",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "Route",
                table: "request_records");

            migrationBuilder.DropColumn(
                name: "Fallback",
                table: "request_records");
        }
    }
}
