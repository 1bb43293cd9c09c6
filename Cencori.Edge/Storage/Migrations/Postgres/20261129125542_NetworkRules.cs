using System.Collections.Generic;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Cencori.Edge.Storage.Migrations.Postgres
{
    /// <inheritdoc />
    [DbContext(typeof(PostgresEdgeDbContext))]
    [Migration("20261129125542_NetworkRules")]
    public class NetworkRules : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "AccessMode",
                table: "projects",
                type: "text",
                nullable: false,
                defaultValue: "Public");

            migrationBuilder.AddColumn<List<string>>(
                name: "AllowedCidrs",
                table: "projects",
                type: "text[]",
                nullable: false,
                defaultValueSql: "'{}'");

            migrationBuilder.AddColumn<List<string>>(
                name: "AllowedCidrs",
                table: "api_keys",
                type: "text[]",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "AccessMode",
                table: "projects");

            migrationBuilder.DropColumn(
                name: "AllowedCidrs",
                table: "projects");

            migrationBuilder.DropColumn(
                name: "AllowedCidrs",
                table: "api_keys");
        }
    }
}
