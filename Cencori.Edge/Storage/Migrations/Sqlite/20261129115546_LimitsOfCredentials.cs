using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Cencori.Edge.Storage.Migrations.Sqlite
{
    /// <inheritdoc />
    [DbContext(typeof(SqliteEdgeDbContext))]
    [Migration("20261129115546_LimitsOfCredentials")]
    public class LimitsOfCredentials : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "Burst",
                table: "provider_keys",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "ConcurrentRequests",
                table: "provider_keys",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "RequestsPerMinute",
                table: "provider_keys",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "TokensPerMinute",
                table: "provider_keys",
                type: "INTEGER",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            foreach (var column in new[] { "Burst", "ConcurrentRequests", "RequestsPerMinute", "TokensPerMinute" })
            {
                migrationBuilder.Sql($"""ALTER TABLE provider_keys DROP COLUMN "{column}" """);
            }
        }
    }
}
