using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Passthrough.Gateway.Storage.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class KeyPurposes : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "Purpose",
                table: "ApiKeys",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<long>(
                name: "SignedOutAt",
                table: "ApiKeys",
                type: "INTEGER",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "Purpose",
                table: "ApiKeys");

            migrationBuilder.DropColumn(
                name: "SignedOutAt",
                table: "ApiKeys");
        }
    }
}
