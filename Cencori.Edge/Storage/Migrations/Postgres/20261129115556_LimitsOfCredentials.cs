using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Cencori.Edge.Storage.Migrations.Postgres
{
    /// <inheritdoc />
    [DbContext(typeof(PostgresEdgeDbContext))]
    [Migration("20261129115556_LimitsOfCredentials")]
    public class LimitsOfCredentials : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "Burst",
                table: "provider_keys",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "ConcurrentRequests",
                table: "provider_keys",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "RequestsPerMinute",
                table: "provider_keys",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "TokensPerMinute",
                table: "provider_keys",
                type: "bigint",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "Burst",
                table: "provider_keys");

            migrationBuilder.DropColumn(
                name: "ConcurrentRequests",
                table: "provider_keys");

            migrationBuilder.DropColumn(
                name: "RequestsPerMinute",
                table: "provider_keys");

            migrationBuilder.DropColumn(
                name: "TokensPerMinute",
                table: "provider_keys");
        }
    }
}
